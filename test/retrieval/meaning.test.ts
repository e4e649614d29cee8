import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { Embedded, Embedder } from "#runner/retrieval/embedder.ts";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import { openLanceIndex } from "#runner/retrieval/lance-index.ts";
import { loadLance } from "#runner/retrieval/lance-library.ts";
import { type Embedding, meaningOf } from "#runner/retrieval/meaning.ts";
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import { type Found, searchMemory } from "#runner/retrieval/search.ts";
import { VectorStore } from "#runner/retrieval/vector-store.ts";
import { NOON, record, run } from "./example-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "fettle-meaning-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const CAR = record("car", "The car is in the garage.");
const RECORDS: readonly StoredMemory[] = [
  CAR,
  record("bill", "The bill of the garage came."),
  record("sea", "The sea is green."),
  ...run("talk", ["Where is the vehicle?", "It stands behind the house.", "Good."]),
];

/** Knows that a car is a vehicle, and nothing else. */
class Thesaurus implements Embedder {
  readonly id = "thesaurus";
  readonly atOnce = 2;
  readonly asked: string[] = [];
  isDown = false;

  async embed(texts: readonly string[]): Promise<Embedded> {
    if (this.isDown) return { ok: false, why: "it is asleep" };
    this.asked.push(...texts);
    return {
      ok: true,
      vectors: texts.map((text) =>
        Float32Array.from(/car|vehicle|automobile/u.test(text) ? [1, 0] : [0, 1]),
      ),
    };
  }
}

let stores = 0;

async function embedding(embedder: Embedder, more: Partial<Embedding> = {}): Promise<Embedding> {
  stores += 1;
  const store = await VectorStore.open(join(folder, String(stores)), embedder.id);
  const { signal } = new AbortController();
  return { embedder, store, prefixes: { query: "q: ", record: "r: " }, signal, most: 100, ...more };
}

async function search(
  index: MemoryIndex,
  text: string,
  given: Embedding | null,
): Promise<readonly Found[]> {
  const meant = given === null ? null : await meaningOf(index, given, { text, namespaces: null });
  const meaning = meant?.ok === true ? { meaning: meant.meaning } : {};
  return searchMemory(index, { text, asOf: NOON, limit: 10, filter: {}, ...meaning });
}

function ids(found: readonly Found[]): readonly string[] {
  return found.map(({ memory }) => memory.id);
}

test("a record that shares no word with what is asked is found by what it means, and its score says so", async () => {
  const index = indexInProcess(RECORDS);
  const given = await embedding(new Thesaurus());

  expect(ids(await search(index, "automobile", null))).toEqual([]);
  const found = await search(index, "automobile", given);
  expect(new Set(ids(found).slice(0, 2))).toEqual(new Set(["car", "talk#1"]));
  expect(found[0]?.why.meaning).toBe(0.3);
});

test("it weighs little: what says the words stands in front of what only means them", async () => {
  const index = indexInProcess(RECORDS);
  const given = await embedding(new Thesaurus());

  const found = await search(index, "the bill for the automobile", given);

  expect(ids(found)[0]).toBe("bill");
  expect(ids(found)).toContain("car");
});

test("both indexes give the same answers with an embedder too", async () => {
  const loaded = await loadLance();
  if (loaded.kind === "missing") throw new Error(loaded.why);
  const { lance } = loaded;
  const blobs = new Map(RECORDS.map(({ path, blob }) => [path, blob]));
  const source = {
    tree: "a",
    overlay: new Map(),
    files: async () => blobs,
    changedSince: async () => null,
    read: async () => RECORDS,
  };
  const place = { lance, root: join(folder, "lance"), embedder: "thesaurus" };
  const { index } = await openLanceIndex(place, source);
  const own = indexInProcess(RECORDS);
  const given = await embedding(new Thesaurus());

  for (const text of ["automobile", "the bill for the automobile", "where is the car", ""]) {
    expect(await search(index, text, given)).toEqual(await search(own, text, given));
  }
  index.close();
  const bare = await openLanceIndex({ ...place, embedder: "another" }, source);
  expect(bare.how).toBe("built");
  bare.index.close();
});

test("each text is embedded once ever, with its prefix, and what was asked is none of what is remembered", async () => {
  const index = indexInProcess([CAR, { ...CAR, id: "copy", path: "memory/org/fact/copy.md" }]);
  const embedder = new Thesaurus();
  const given = await embedding(embedder);

  await search(index, "studio The car is in the garage.", given);
  await search(index, "studio The car is in the garage.", given);

  expect(embedder.asked).toEqual([
    "q: studio The car is in the garage.",
    "r: studio  The car is in the garage.",
  ]);
});

test("what is too much for one search has no vector yet, and is told of", async () => {
  const index = indexInProcess(RECORDS);
  const given = await embedding(new Thesaurus(), { most: 2 });
  const asked = { text: "car", namespaces: null };

  expect(await meaningOf(index, given, asked)).toMatchObject({
    ok: true,
    without: { records: 2, why: "they are embedded by and by" },
  });
  expect(await meaningOf(index, given, asked)).toMatchObject({ without: null });
});

test("an embedder that does not answer is no reason to find nothing", async () => {
  const index = indexInProcess(RECORDS);
  const embedder = new Thesaurus();
  embedder.isDown = true;
  const given = await embedding(embedder);

  expect(await meaningOf(index, given, { text: "car", namespaces: null })).toEqual({
    ok: false,
    why: "it is asleep",
  });
  expect(await search(index, "car", given)).toEqual(await search(index, "car", null));
});
