/** Both indexes give the same answers, and an index that was brought up to date gives those of a fresh one. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import {
  cleanIndexes,
  indexedFiles,
  openLanceIndex,
  verifyLanceIndex,
} from "#runner/retrieval/lance-index.ts";
import { LANCEDB, loadLance, type LanceLibrary } from "#runner/retrieval/lance-library.ts";
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import type { MemorySource } from "#runner/retrieval/memory-source.ts";
import { type Filter, searchMemory } from "#runner/retrieval/search.ts";
import { NOON, record, run } from "./example-memory.ts";
import { studioYear } from "./fixture-group.ts";

const folder = mkdtempSync(join(tmpdir(), "fettle-index-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let lance: LanceLibrary;
beforeAll(async () => {
  const loaded = await loadLance();
  if (loaded.kind === "missing") throw new Error(loaded.why);
  ({ lance } = loaded);
});

/** Memory as it is at one commit; those before can be told from it. */
class Trees {
  readonly #trees = new Map<string, readonly StoredMemory[]>();

  at(tree: string, records: readonly StoredMemory[]): MemorySource {
    this.#trees.set(tree, records);
    const files = blobsOf(records);
    return {
      tree,
      overlay: new Map(),
      files: async () => files,
      read: async (asked) => {
        const paths = new Set([...asked].map(([path]) => path));
        return records.filter(({ path }) => paths.has(path));
      },
      changedSince: async (before) => {
        const known = this.#trees.get(before ?? "");
        if (known === undefined) return null;
        const was = blobsOf(known);
        const paths = [...new Set([...was.keys(), ...files.keys()])];
        return new Map(
          paths
            .filter((path) => was.get(path) !== files.get(path))
            .map((path) => [path, files.get(path) ?? null]),
        );
      },
    };
  }
}

function blobsOf(records: readonly StoredMemory[]): Map<string, string> {
  return new Map(records.map(({ path, blob }) => [path, blob]));
}

function place(name: string): { readonly lance: LanceLibrary; readonly root: string } {
  return { lance, root: join(folder, name) };
}

const year = studioYear();

async function answers(
  index: MemoryIndex,
  { count = 200, filter = {} }: { readonly count?: number; readonly filter?: Filter } = {},
): Promise<readonly unknown[]> {
  const questions = year.questions.slice(0, count);
  return Promise.all(
    questions.map(async ({ question }) => {
      const search = { text: question, asOf: year.asOf, limit: 10, filter };
      const found = await searchMemory(index, search);
      return found.map(({ memory: { id }, score, why }) => ({ id, score, why }));
    }),
  );
}

test("two hundred questions have the same answers, scores and reasons, with and without a filter", async () => {
  const own = indexInProcess(year.records);
  const { index, how } = await openLanceIndex(place("same"), new Trees().at("a", year.records));

  const filter: Filter = { namespaces: ["org", "collections"], kinds: ["fact", "episode"] };

  expect(how).toBe("built");
  expect(await answers(index)).toEqual(await answers(own));
  expect(await answers(index, { count: 40, filter })).toEqual(
    await answers(own, { count: 40, filter }),
  );
  index.close();
});

test("what was brought up to date answers as what is built anew, and is current then", async () => {
  const trees = new Trees();
  const paths = [...new Set(year.records.map(({ path }) => path))];
  const gone = new Set(paths.slice(0, 3));
  const edited = new Set(paths.slice(3, 10));
  const after = [
    ...year.records
      .filter(({ path }) => !gone.has(path))
      .map((one) =>
        edited.has(one.path)
          ? { ...one, blob: "edited", text: `${one.text} ${one.text} foil` }
          : one,
      ),
    ...run("new", ["Halden Brewery wants foil?", "Copper foil, by 3 May", "Sent"]),
    record("mem_new", "Halden Brewery pays at once.", { retracts: [year.records[0]?.id ?? ""] }),
  ];
  const before = await openLanceIndex(place("changed"), trees.at("a", year.records));
  before.index.close();

  const source = trees.at("b", after);
  const updated = await openLanceIndex(place("changed"), source);
  const again = await openLanceIndex(place("changed"), source);
  const fresh = await openLanceIndex(place("fresh"), new Trees().at("b", after));

  expect(updated).toMatchObject({ how: "updated", files: 9 });
  expect(again).toMatchObject({ how: "current", files: 0 });
  expect(await answers(updated.index)).toEqual(await answers(fresh.index));
  expect(await answers(updated.index)).toEqual(await answers(indexInProcess(after)));
  expect(await indexedFiles(place("changed"), source)).toBe(paths.length - 1);
  expect(await verifyLanceIndex(place("changed"), source)).toEqual({ missing: [], phantom: [] });
  expect(readFileSync(join(onlyFolder("changed"), "counts.json"), "utf8")).toBe(
    readFileSync(join(onlyFolder("fresh"), "counts.json"), "utf8"),
  );
});

test("words that are nearly everywhere have the same answers too", async () => {
  const records = [
    ...Array.from({ length: 600 }, (_, at) => record(`a-${at}`, `invoice ${at % 50} paid`)),
    ...Array.from({ length: 600 }, (_, at) => record(`b-${at}`, `bread ${at % 50}`)),
  ];
  const own = indexInProcess(records);
  const { index } = await openLanceIndex(place("common"), new Trees().at("a", records));
  for (const text of ["invoice", "invoice paid", "bread invoice", "bread 7"]) {
    const answer = await scores(own, text);
    expect(answer).toHaveLength(20);
    expect(await scores(index, text)).toEqual(answer);
  }
});

async function scores(index: MemoryIndex, text: string): Promise<readonly unknown[]> {
  const found = await searchMemory(index, { text, asOf: NOON, limit: 20, filter: {} });
  return found.map(({ memory, score }) => [memory.id, score]);
}

test("only a clean takes away for good what was removed", async () => {
  const trees = new Trees();
  const secret = record("mem_secret", "zanzibarquux", { subject: "client/acme" });
  await openLanceIndex(place("forgotten"), trees.at("a", [secret, record("mem_rest", "acme")]));
  expect(holds("forgotten", "zanzibarquux")).toBe(true);

  await cleanIndexes(place("forgotten").root);
  await openLanceIndex(place("forgotten"), trees.at("b", [record("mem_rest", "acme")]));

  expect(holds("forgotten", "zanzibarquux")).toBe(false);
});

test("an index that cannot be read is built anew, and one that was not finished is not believed", async () => {
  const source = new Trees().at("a", [record("mem_a", "acme paid")]);
  await openLanceIndex(place("broken"), source);
  rmSync(join(onlyFolder("broken"), "lance", "units.lance", "_versions"), { recursive: true });

  expect(await openLanceIndex(place("broken"), source)).toMatchObject({ how: "built" });

  rmSync(join(onlyFolder("broken"), "index.json"));
  cpSync(onlyFolder("broken"), join(place("broken").root, "new-1-1"), { recursive: true });
  expect(await indexedFiles(place("broken"), source)).toBeNull();
  expect(await verifyLanceIndex(place("broken"), source)).toBeNull();
});

test("what a process that died was making goes, what a living one makes stays", async () => {
  const { root } = place("made");
  const [dead, living] = ["new-4194305-1", `new-${process.pid}-1`];
  for (const name of [dead, living]) mkdirSync(join(root, name), { recursive: true });

  await openLanceIndex(place("made"), new Trees().at("a", [record("a", "acme")]));

  const names = readdirSync(root);
  expect(names).toHaveLength(2);
  expect(names).toContain(living);
});

test("verify names what the index lacks and what it has too much", async () => {
  const trees = new Trees();
  const records = ["a", "b", "c"].map((id) => record(id, `acme ${id}`));
  await openLanceIndex(place("drift"), trees.at("t", records));
  const drifted = [
    record("b", "acme b"),
    { ...record("c", "acme c"), blob: "other" },
    record("d", "d"),
  ];

  expect(await verifyLanceIndex(place("drift"), trees.at("t", drifted))).toEqual({
    missing: ["memory/letters/fact/2026-11/c.md", "memory/letters/fact/2026-11/d.md"],
    phantom: ["memory/letters/fact/2026-11/a.md"],
  });
});

test("an empty memory has an index, in which nothing is found until something is added", async () => {
  const trees = new Trees();
  const empty = await openLanceIndex(place("empty"), trees.at("a", []));
  const search = { text: "acme", asOf: NOON, limit: 5, filter: {} };
  expect(await searchMemory(empty.index, search)).toEqual([]);

  const { index, how } = await openLanceIndex(place("empty"), trees.at("b", [record("a", "acme")]));

  expect(how).toBe("updated");
  expect(await searchMemory(index, search)).toHaveLength(1);
});

test("names with quotes, questions of signs and long words are searched as they are", async () => {
  const namespace = "o'neill";
  const word = `x${"y".repeat(80)}`;
  const records = [record("a", `acme ${word}`, { namespace, subject: 'client/o\'neill "x"' })];
  const { index } = await openLanceIndex(place("quotes"), new Trees().at("a", records));
  const found = async (text: string, filter: Filter = {}, subject = ""): Promise<number> =>
    (await searchMemory(index, { text, subject, asOf: NOON, limit: 5, filter })).length;

  expect(await found("acme", { namespaces: [namespace] })).toBe(1);
  expect(await found("acme", { namespaces: ["' OR true --"] })).toBe(0);
  expect(await found(word)).toBe(1);
  expect(await found("", {}, 'client/o\'neill "x"')).toBe(1);
  for (const text of ["", "the of", "foo:bar AND (", "'\"*", "%_"])
    expect(await found(text)).toBe(0);
});

test("a clean takes every index away", async () => {
  const source = new Trees().at("a", [record("a", "acme")]);
  await openLanceIndex(place("clean"), source);

  await cleanIndexes(place("clean").root);

  expect(await indexedFiles(place("clean"), source)).toBeNull();
});

test("the version in an index's name is the one that is installed", () => {
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));

  expect(LANCEDB).toBe(dependencies["@lancedb/lancedb"]);
});

function onlyFolder(name: string): string {
  const { root } = place(name);
  const names = readdirSync(root).filter((one) => !one.startsWith("new-"));
  expect(names).toHaveLength(1);
  return join(root, names[0] ?? "");
}

function holds(name: string, text: string): boolean {
  const { root } = place(name);
  const files = readdirSync(root, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .some((file) => readFileSync(join(file.parentPath, file.name)).includes(text));
}
