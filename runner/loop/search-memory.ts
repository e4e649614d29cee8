/** A search of memory as a verb asks for it. */
import { ANALYZER } from "#runner/retrieval/analyzer.ts";
import { type Filter, type Found, searchMemory } from "#runner/retrieval/search.ts";
import { RANKER } from "#runner/retrieval/weights.ts";
import type { Engine } from "./engine.ts";
import { memorySource } from "./memory-source.ts";
import { openMemory } from "./open-memory.ts";

/** Which rules answered: recorded and printed beside an answer. */
export const RANKED_BY = `${RANKER}/${ANALYZER}`;

export interface MemorySearch {
  readonly text: string;
  readonly filter: Filter;
  readonly limit: number;
  /** Commit of main. */
  readonly commit: string;
  /** Instant. */
  readonly at: string;
  /** Path to blob of what waits for delivery. */
  readonly pending: ReadonlyMap<string, string>;
}

export interface MemoryAnswer {
  readonly found: readonly Found[];
  readonly index: "in-process" | "lancedb";
  /** Why LanceDB was not used though there is much. */
  readonly withoutLance: string | null;
}

export async function searchMain(
  engine: Pick<Engine, "store" | "repository" | "loadLance">,
  { commit, pending, text, filter, limit, at }: MemorySearch,
): Promise<MemoryAnswer> {
  const source = await memorySource(engine.store.reader, commit, pending);
  const { index, withoutLance } = await openMemory(engine, source);
  try {
    const found = await searchMemory(index, { text, asOf: at, limit, filter });
    return { found, index: index.kind, withoutLance };
  } finally {
    index.close();
  }
}
