/** How much is remembered, where, and what of it is used. */
import type { RecordKind, StoredMemory } from "./memory-file.ts";
import type { MemoryStanding } from "./memory-standing.ts";
import type { MemoryUse } from "./memory-use.ts";

export interface MemoryCount {
  readonly namespace: string;
  readonly kind: RecordKind;
  readonly records: number;
  readonly active: number;
  /** Of the texts, in UTF-8. */
  readonly bytes: number;
  /** Times that an agent was given one of them. */
  readonly given: number;
  /** Times that an agent said it used one. */
  readonly cited: number;
}

export interface MemoryStats {
  readonly counts: readonly MemoryCount[];
  readonly total: Omit<MemoryCount, "namespace" | "kind">;
}

interface Standing extends StoredMemory {
  readonly standing: MemoryStanding;
}

type Uses = ReadonlyMap<string, readonly MemoryUse[]>;

/** By namespace, then by kind. */
export function memoryStats(records: readonly Standing[], uses: Uses): MemoryStats {
  const groups = Map.groupBy(records, ({ namespace, record }) => `${namespace}\0${record.kind}`);
  const counts = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const { namespace, record } = first;
      return [{ namespace, kind: record.kind, ...countOf(group, uses) }];
    });
  return { counts, total: countOf(records, uses) };
}

function countOf(records: readonly Standing[], uses: Uses): MemoryStats["total"] {
  const used = records.flatMap(({ id }) => uses.get(id) ?? []);
  const encoder = new TextEncoder();
  return {
    records: records.length,
    active: records.filter(({ standing }) => standing.kind === "active").length,
    bytes: records.reduce((sum, { text }) => sum + encoder.encode(text).length, 0),
    given: used.length,
    cited: used.filter(({ cited }) => cited).length,
  };
}
