/** What an index over memory can do; there are two, and they give the same answers. */
import type { StoredMemory } from "#runner/core/memory-file.ts";
import type { Selection } from "./question.ts";
import type { Statistics } from "./statistics.ts";
import type { Unit } from "./unit.ts";

export interface MemoryIndex {
  /** Which of the two it is. */
  readonly kind: "in-process" | "lancedb";
  /** Of these namespaces; of all, for null. */
  statistics(namespaces: readonly string[] | null): Statistics;
  /** Every unit with the terms, in these namespaces (in all, for null), in any order. */
  units(selection: Selection, namespaces: readonly string[] | null): Promise<readonly Unit[]>;
  /** The records of these files. */
  records(paths: readonly string[]): Promise<readonly StoredMemory[]>;
  /** Every record that supersedes or retracts others: who is in force depends on them. */
  changes(): Promise<readonly StoredMemory[]>;
  close(): void;
}

export function isChange({ record }: StoredMemory): boolean {
  return (record.supersedes ?? []).length > 0 || (record.retracts ?? []).length > 0;
}
