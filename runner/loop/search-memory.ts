/** A search of memory as a verb asks for it. */
import { type Filter, type Found, searchMemory } from "#runner/retrieval/search.ts";
import type { Workspace } from "#runner/core/model.ts";
import type { Engine } from "./engine.ts";
import { memorySource } from "./memory-source.ts";
import { embedderId, NOTHING_GRANTED, openEmbedder } from "./open-embedder.ts";
import { openMemory } from "./open-memory.ts";
import { searchedWith } from "./search-with.ts";

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
  readonly signal: AbortSignal;
}

export interface MemoryAnswer {
  readonly found: readonly Found[];
  readonly index: "in-process" | "lancedb";
  /** Why LanceDB was not used though there is much. */
  readonly withoutLance: string | null;
  /** Which rules answered. */
  readonly ranker: string;
  /** Why the embedder had no say. */
  readonly withoutVectors: string | null;
}

type Shop = Pick<Engine, "store" | "repository" | "loadLance" | "openDoor" | "secretValues">;

export async function searchMain(
  engine: Shop,
  workspace: Workspace,
  { commit, pending, text, filter, limit, at, signal }: MemorySearch,
): Promise<MemoryAnswer> {
  const source = await memorySource(engine.store.reader, commit, pending);
  const id = embedderId(workspace);
  const shop = id === null ? engine : { ...engine, embedder: id };
  const { index, withoutLance } = await openMemory(shop, source);
  const purse = { grant: NOTHING_GRANTED, signal, most: Infinity };
  const opened = await openEmbedder(engine, workspace, purse);
  try {
    const asked = { text, namespaces: filter.namespaces ?? null };
    const { meaning, ...by } = await searchedWith(index, opened, asked);
    const search = { text, asOf: at, limit, filter, ...(meaning !== undefined && { meaning }) };
    return { found: await searchMemory(index, search), index: index.kind, withoutLance, ...by };
  } finally {
    index.close();
    if (opened?.kind === "open") await opened.close();
  }
}
