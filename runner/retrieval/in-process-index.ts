/** An index in the memory of this process: for small memories, and where LanceDB cannot load. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { embeddedKeys, isChange, type MemoryIndex } from "./memory-index.ts";
import type { Selection } from "./question.ts";
import { Tally } from "./statistics.ts";
import { type Unit, unitOf } from "./unit.ts";

interface Held {
  readonly unit: Unit;
  readonly records: readonly StoredMemory[];
}

export function indexInProcess(records: readonly StoredMemory[]): MemoryIndex {
  const tally = new Tally();
  const held = new Map<string, Held>();
  const postings = new Map<string, string[]>();
  for (const [path, ofFile] of Map.groupBy(records, (record) => record.path)) {
    const unit = knownUnit(ofFile);
    if (unit === null) continue;
    held.set(path, { unit, records: ofFile });
    tally.add(unit);
    for (const term of new Set(unit.body.split(" "))) {
      const paths = postings.get(term);
      if (paths === undefined) postings.set(term, [path]);
      else paths.push(path);
    }
  }
  const changes = records.filter(isChange);
  const at = (paths: Iterable<string>): Held[] =>
    [...paths].flatMap((path) => {
      const found = held.get(path);
      return found === undefined ? [] : [found];
    });
  return {
    kind: "in-process",
    statistics: (namespaces) => tally.over(namespaces),
    units: async (selection, namespaces) =>
      at(pathsWith(postings, selection))
        .map(({ unit }) => unit)
        .filter(({ namespace }) => namespaces?.includes(namespace) ?? true),
    embedded: async (namespaces) =>
      [...held.values()]
        .filter(({ unit }) => namespaces?.includes(unit.namespace) ?? true)
        .map(({ unit: { path }, records: ofFile }) => ({ path, keys: knownKeys(ofFile) })),
    unitsAt: async (paths) => at(paths).map(({ unit }) => unit),
    records: async (paths) => at(paths).flatMap((found) => found.records),
    changes: async () => changes,
    close: () => undefined,
  };
}

function pathsWith(
  postings: ReadonlyMap<string, readonly string[]>,
  { mode, terms }: Selection,
): ReadonlySet<string> {
  const sets = terms.map((term) => new Set(postings.get(term)));
  const join = (one: Set<string>, other: Set<string>): Set<string> =>
    mode === "all" ? one.intersection(other) : one.union(other);
  return sets.length === 0 ? new Set() : sets.reduce(join);
}

const keys = new WeakMap<StoredMemory, readonly string[]>();

function knownKeys(records: readonly StoredMemory[]): readonly string[] {
  const [first] = records;
  if (first === undefined) return [];
  const known = keys.get(first) ?? embeddedKeys(records);
  keys.set(first, known);
  return known;
}

const units = new WeakMap<StoredMemory, Unit>();

/** Records are parsed once by their blob, so that their first one stands for the file. */
function knownUnit(records: readonly StoredMemory[]): Unit | null {
  const [first] = records;
  if (first === undefined) return null;
  const unit = units.get(first) ?? unitOf(records);
  if (unit !== null) units.set(first, unit);
  return unit;
}
