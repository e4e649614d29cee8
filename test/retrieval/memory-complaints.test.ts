/** What people complain of in other memories of agents, where it is their index that fails. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { openLanceIndex, verifyLanceIndex } from "#runner/retrieval/lance-index.ts";
import { loadLance } from "#runner/retrieval/lance-library.ts";
import type { MemorySource } from "#runner/retrieval/memory-source.ts";
import { record } from "./example-memory.ts";

const root = mkdtempSync(join(tmpdir(), "fettle-complaints-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const ROUNDS = 12;

/** Ten records more with each round, and one of the round before gone. */
function recordsAt(round: number): readonly StoredMemory[] {
  return Array.from({ length: round * 10 }, (_, at) =>
    record(`r${at}`, `Note ${at} of acme.`),
  ).filter((_, at) => at % 10 !== 3 || at >= (round - 1) * 10);
}

function blobs(records: readonly StoredMemory[]): Map<string, string> {
  return new Map(records.map(({ path, blob }) => [path, blob]));
}

function sourceAt(round: number): MemorySource {
  const records = recordsAt(round);
  const files = blobs(records);
  return {
    tree: String(round),
    overlay: new Map(),
    files: async () => files,
    read: async (asked) => {
      const paths = new Set([...asked].map(([path]) => path));
      return records.filter(({ path }) => paths.has(path));
    },
    changedSince: async (tree) => {
      const was = blobs(recordsAt(Number(tree)));
      const paths = [...new Set([...was.keys(), ...files.keys()])];
      const changed = paths.filter((path) => was.get(path) !== files.get(path));
      return new Map(changed.map((path) => [path, files.get(path) ?? null]));
    },
  };
}

test("An index drifts from what it is of: rows of what is gone stay, what is new is never folded in, and old versions pile up; here none of it after a dozen changes.", async () => {
  const loaded = await loadLance();
  if (loaded.kind === "missing") throw new Error(loaded.why);
  const { lance } = loaded;
  const place = { lance, root };

  for (let round = 1; round <= ROUNDS; round += 1) {
    const { index, how } = await openLanceIndex(place, sourceAt(round));
    index.close();
    expect(how).toBe(round === 1 ? "built" : "updated");
  }

  expect(await verifyLanceIndex(place, sourceAt(ROUNDS))).toEqual({ missing: [], phantom: [] });
  const [only = "", ...others] = readdirSync(root);
  expect(others).toEqual([]);
  const connection = await lance.lancedb.connect(join(root, only, "lance"));
  const table = await connection.openTable("units");
  const rows = recordsAt(ROUNDS).length;
  expect(await table.indexStats("body_idx")).toMatchObject({
    numIndexedRows: rows,
    numUnindexedRows: 0,
  });
  // Those that the last change made.
  expect((await table.listVersions()).length).toBeLessThanOrEqual(3);
  table.close();
});
