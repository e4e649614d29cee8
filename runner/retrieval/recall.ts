/** Which memory records a step is given. */
import { withinBudget, type RecallBudget } from "#runner/core/memory/memory-budget.ts";
import type { RecordKind, StoredRecord } from "#runner/core/memory/memory-file.ts";
import type { Meaning } from "./meaning.ts";
import type { MemoryIndex } from "./memory-index.ts";
import { searchMemory } from "./search.ts";

export interface RecallQuery extends RecallBudget {
  /** Search words; may be empty when there is a subject. */
  readonly text: string;
  /** Projects, and `org`. */
  readonly namespaces: readonly string[];
  readonly subject?: string;
  readonly kinds?: readonly RecordKind[];
  /** Instant. */
  readonly asOf: string;
  /** What the words mean, where an embedder says it. */
  readonly meaning?: Meaning;
}

export interface Recalled {
  readonly id: string;
  readonly blob: string;
  /** Six decimals. */
  readonly score: number;
  readonly record: StoredRecord;
  readonly text: string;
}

/** For one that is given, this many are looked at: some are too long, or say what another one says. */
const LOOKED_AT = 8;

/**
 * Recall by words and subject: the same records and query give the same answer, best first. Only records that are in
 * force at `asOf` count; one that shares nothing with the query, nor stands in a run beside one that does, is not recalled,
 * unless an embedder finds it near.
 */
export async function recallMemory(
  index: MemoryIndex,
  query: RecallQuery,
): Promise<readonly Recalled[]> {
  const { text, subject, namespaces, kinds, asOf, meaning } = query;
  const found = await searchMemory(index, {
    text,
    asOf,
    limit: query.limit * LOOKED_AT,
    filter: { namespaces, ...(kinds !== undefined && { kinds }) },
    ...(subject !== undefined && { subject }),
    ...(meaning !== undefined && { meaning }),
  });
  const ranked = found.map(({ memory, score }) => {
    const { id, blob, record, text: told } = memory;
    return { id, blob, record, text: told, score };
  });
  return withinBudget(ranked, query);
}
