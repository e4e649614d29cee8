/** What an index over memory can do; there are two, and they give the same answers. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { Selection } from "./question.ts";
import type { Statistics } from "./statistics.ts";
import { inOrder, type Unit, wordsIn } from "./unit.ts";
import { vectorKey } from "./vector-store.ts";

export interface MemoryIndex {
  /** Which of the two it is. */
  readonly kind: "in-process" | "lancedb";
  /** Of these namespaces; of all, for null. */
  statistics(namespaces: readonly string[] | null): Statistics;
  /** Every unit with the terms, in these namespaces (in all, for null), in any order. */
  units(selection: Selection, namespaces: readonly string[] | null): Promise<readonly Unit[]>;
  /** Every file in these namespaces (in all, for null) with the texts that an embedder is given, in any order. */
  embedded(namespaces: readonly string[] | null): Promise<readonly EmbeddedFile[]>;
  /** The units of these files. */
  unitsAt(paths: readonly string[]): Promise<readonly Unit[]>;
  /** The records of these files. */
  records(paths: readonly string[]): Promise<readonly StoredMemory[]>;
  /** Every record that supersedes or retracts others: who is in force depends on them. */
  changes(): Promise<readonly StoredMemory[]>;
  close(): void;
}

/** Keys of what is embedded, in the order of the members of the unit. */
export interface EmbeddedFile {
  readonly path: string;
  readonly keys: readonly string[];
}

/** Of the records of one file. */
export function embeddedKeys(ofFile: readonly StoredMemory[]): readonly string[] {
  return inOrder(ofFile).map((memory) => vectorKey(wordsIn(memory)));
}

export function isChange({ record }: StoredMemory): boolean {
  return (record.supersedes ?? []).length > 0 || (record.retracts ?? []).length > 0;
}
