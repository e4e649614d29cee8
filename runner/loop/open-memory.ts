/** Which index searches memory: this process itself where there is little, LanceDB where there is much. */
import { join } from "node:path";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import type * as LanceIndex from "#runner/retrieval/lance-index.ts";
import type { LanceLoad } from "#runner/retrieval/lance-library.ts";
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import type { MemorySource } from "#runner/retrieval/memory-source.ts";
import type { Engine } from "./engine.ts";

/** Up to so many files reading them all takes less than loading LanceDB and opening its index. */
export const MOST_FILES_IN_PROCESS = 5000;

export interface OpenedMemory {
  readonly index: MemoryIndex;
  /** Why LanceDB was not used though there is much; null where all is as it should be. */
  readonly withoutLance: string | null;
}

type Shop = Pick<Engine, "repository" | "loadLance"> & {
  /** Id of the embedder of fettle.yaml: part of what an index is made with. */
  readonly embedder?: string;
};

export async function openMemory(
  shop: Shop,
  source: MemorySource,
  mostInProcess: number = MOST_FILES_IN_PROCESS,
): Promise<OpenedMemory> {
  const files = await source.files();
  const inProcess = async (): Promise<MemoryIndex> => indexInProcess(await source.read(files));
  if (files.size <= mostInProcess) return { index: await inProcess(), withoutLance: null };
  const loaded = await shop.loadLance();
  if (loaded.kind === "missing") return { index: await inProcess(), withoutLance: loaded.why };
  const { openLanceIndex } = await import("#runner/retrieval/lance-index.ts");
  const place = { lance: loaded.lance, root: indexFolder(shop), ...withEmbedder(shop) };
  return { index: (await openLanceIndex(place, source)).index, withoutLance: null };
}

export type LanceAnswer<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | Extract<LanceLoad, { kind: "missing" }>;

/** Brings the LanceDB index up to date, however little there is; `fresh`: makes it anew. */
export function bringUpToDate(
  shop: Shop,
  source: MemorySource,
  { fresh }: { readonly fresh: boolean },
): Promise<LanceAnswer<LanceIndex.OpenedIndex>> {
  return withLance(shop, async (place, lance) => lance.openLanceIndex(place, source, { fresh }));
}

/** How the LanceDB index differs from memory; null where there is none of this content. */
export function verifyIndex(
  shop: Shop,
  source: MemorySource,
): Promise<LanceAnswer<LanceIndex.IndexDifference | null>> {
  return withLance(shop, async (place, lance) => lance.verifyLanceIndex(place, source));
}

/** How many files the LanceDB index of this content holds; null where there is none. */
export async function filesInIndex(shop: Shop, source: MemorySource): Promise<number | null> {
  const { indexedFiles } = await import("#runner/retrieval/lance-index.ts");
  return indexedFiles({ root: indexFolder(shop), ...withEmbedder(shop) }, source);
}

/** Removes every index and all vectors of this clone: with what was forgotten, whatever form it had in there. */
export async function removeIndexes(shop: Pick<Shop, "repository">): Promise<void> {
  const [{ cleanIndexes }, { cleanVectors }] = await Promise.all([
    import("#runner/retrieval/lance-index.ts"),
    import("#runner/retrieval/vector-store.ts"),
  ]);
  await Promise.all([cleanIndexes(indexFolder(shop)), cleanVectors(vectorFolder(shop))]);
}

async function withLance<Value>(
  shop: Shop,
  act: (place: LanceIndex.IndexPlace, lance: typeof LanceIndex) => Promise<Value>,
): Promise<LanceAnswer<Value>> {
  const loaded = await shop.loadLance();
  if (loaded.kind === "missing") return loaded;
  const place = { lance: loaded.lance, root: indexFolder(shop), ...withEmbedder(shop) };
  const value = await act(place, await import("#runner/retrieval/lance-index.ts"));
  return { kind: "done", value };
}

function withEmbedder({ embedder }: Shop): Pick<Shop, "embedder"> {
  return embedder === undefined ? {} : { embedder };
}

export function vectorFolder({ repository }: Pick<Engine, "repository">): string {
  return join(repository.fettleDir, "memory-vectors");
}

function indexFolder({ repository }: Pick<Shop, "repository">): string {
  return join(repository.fettleDir, "memory-index");
}
