import { expect, onTestFinished, test } from "vitest";
import { memorySource } from "#runner/loop/memory-source.ts";
import { bringUpToDate, openMemory, verifyIndex } from "#runner/loop/open-memory.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { loadLance } from "#runner/retrieval/lance-library.ts";
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import type { MemorySource } from "#runner/retrieval/memory-source.ts";
import { searchMemory } from "#runner/retrieval/search.ts";
import { makeRepository, type TestRepository } from "../support/git-repo.ts";

const NOW = "2026-11-22T12:00:00.000Z";
const FILES = {
  "memory/org/fact/terms.md": "---\nkind: fact\nsubject: client/acme\n---\nAcme pays late.\n",
  "memory/org/fact/broken.md": "---\nkind: rumour\n---\nAcme pays never.\n",
};

interface Shop {
  readonly folder: TestRepository;
  readonly repository: Repository;
  readonly reader: ObjectReader;
}

async function makeShop(): Promise<Shop> {
  const folder = makeRepository(FILES);
  const repository = await folder.open();
  const reader = new ObjectReader(repository.own);
  onTestFinished(() => reader.close());
  return { folder, repository, reader };
}

function source(
  { folder, reader }: Shop,
  waiting: Iterable<readonly [string, string]> = [],
): Promise<MemorySource> {
  return memorySource(reader, folder.git("rev-parse", "HEAD"), new Map(waiting));
}

async function texts(index: MemoryIndex): Promise<readonly string[]> {
  const results = await searchMemory(index, { text: "pay", asOf: NOW, limit: 5, filter: {} });
  index.close();
  return results.map(({ memory }) => memory.text).toSorted();
}

const ABSENT: Engine["loadLance"] = async () => ({ kind: "missing", why: "no build for musl" });

const NEVER: Engine["loadLance"] = () => Promise.reject(new Error("loaded"));

test("a small memory is searched without LanceDB, a large one with it, or without and saying so", async () => {
  const shop = await makeShop();
  const opened = async (load: Engine["loadLance"], most?: number): Promise<readonly unknown[]> => {
    const { repository } = shop;
    const asked = await source(shop);
    const { index, withoutLance } = await openMemory({ repository, loadLance: load }, asked, most);
    return [index.kind, withoutLance, ...(await texts(index))];
  };

  expect(await opened(NEVER)).toEqual(["in-process", null, "Acme pays late."]);
  expect(await opened(loadLance, 1)).toEqual(["lancedb", null, "Acme pays late."]);
  expect(await opened(ABSENT, 1)).toEqual(["in-process", "no build for musl", "Acme pays late."]);
});

test("an index of a tree that is not here any more says nothing about what changed", async () => {
  const shop = await makeShop();

  const { changedSince, tree } = await source(shop);

  expect(await changedSince("0123456789012345678901234567890123456789", [])).toBeNull();
  expect(await changedSince(null, [])).toBeNull();
  expect(await changedSince(tree, [])).toEqual(new Map());
});

test("what waits for delivery lies over main, and goes when it is not waiting any more", async () => {
  const shop = await makeShop();
  shop.folder.write({ "new.md": "---\nkind: fact\nsubject: client/rook\n---\nRook pays.\n" });
  const blob = shop.folder.git("hash-object", "-w", "new.md");
  const bare = await source(shop);
  const overlaid = await source(shop, [["memory/shop/fact/new.md", blob]]);
  const place = { ...shop, loadLance };
  const found = async (asked: MemorySource): Promise<readonly string[]> => {
    const brought = await bringUpToDate(place, asked, { fresh: false });
    return brought.kind === "done" ? texts(brought.value.index) : [brought.why];
  };

  expect(await found(bare)).toEqual(["Acme pays late."]);
  expect(await found(overlaid)).toEqual(["Acme pays late.", "Rook pays."]);
  expect(await found(bare)).toEqual(["Acme pays late."]);
  expect(await verifyIndex(place, bare)).toEqual({
    kind: "done",
    value: { missing: [], phantom: [] },
  });
  expect(await bringUpToDate({ ...place, loadLance: ABSENT }, bare, { fresh: false })).toEqual({
    kind: "missing",
    why: "no build for musl",
  });
});
