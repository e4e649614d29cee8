/** Gates that are settled: their branches, and what they left on main, may hold what must be forgotten. */
import { erasedDecision, gateOfFile, gateOfRef } from "#runner/core/memory/memory-erasure.ts";
import { branchRef, fetchedRef, MAIN } from "#runner/core/ref-names.ts";
import { listCheckouts } from "#runner/repo/checkouts.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { hereToo, pushRefs } from "#runner/repo/push.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs } from "#runner/repo/refs.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Engine } from "./engine.ts";
import { readFolder } from "./state-files.ts";
import type { Trace } from "./traces.ts";

export interface GateErasure {
  /** Branches of settled gates. */
  readonly branches: readonly string[];
  /** Branches of open gates: they are decided first. */
  readonly open: readonly string[];
  /** Files on main that settled gates have left. */
  readonly files: readonly string[];
  /** Branches that somebody has checked out. */
  readonly inHands: readonly string[];
}

export async function gateErasure(
  { store, repository }: Pick<Engine, "store" | "repository">,
  traces: readonly Trace[],
): Promise<GateErasure> {
  const gates = await readFolder(store, "gates", records.gate);
  const waiting = new Set([...gates.values()].map(({ branch }) => branchRef(branch)));
  const heads = listCheckouts(repository).map(({ head }) =>
    head.kind === "branch" ? head.ref : "",
  );
  const refs = traces.map(({ ref }) => ref).filter((ref) => gateOfRef(ref) !== undefined);
  const free = refs.filter((ref) => !waiting.has(ref));
  const main = traces.find(({ ref }) => ref === MAIN)?.files ?? [];
  return {
    branches: free.filter((ref) => !heads.includes(ref)),
    open: refs.filter((ref) => waiting.has(ref)),
    inHands: free.filter((ref) => heads.includes(ref)),
    files: main.filter((path) => {
      const place = gateOfFile(path);
      return place !== undefined && !gates.has(place.gate);
    }),
  };
}

/** Items go; of a decision record its front matter stays. */
export function gateFileChanges(
  { store }: Pick<Engine, "store">,
  {
    files,
    main,
    at,
  }: { readonly files: readonly string[]; readonly main: string; readonly at: string },
): Promise<readonly FileChange[]> {
  return Promise.all(
    files.map(async (path): Promise<FileChange> => {
      if (gateOfFile(path)?.name !== "decision.md") return { path, delete: true };
      const text = (await store.reader.readBlob(`${main}:${path}`))?.toString("utf8") ?? "";
      return { path, content: erasedDecision(text, at) };
    }),
  );
}

/** Here and at the origin; what the origin keeps is told. */
export async function removeGateBranches(
  { store, repository }: Engine,
  branches: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly detail: string }> {
  if (branches.length === 0) return { ok: true };
  const refs = readRefs(repository);
  const there = branches.flatMap((ref): readonly RefUpdate[] => {
    const from = refs.get(fetchedRef(ref));
    return from === undefined ? [] : [{ ref, from, to: null }];
  });
  if (repository.origin !== null && there.length > 0) {
    const pushed = await pushRefs(repository, there, signal);
    if (pushed.outcome !== "ok") return { ok: false, detail: pushed.detail };
  }
  const gone = branches.map((ref) => ({ ref, to: null }));
  const moved = await store.transactions.run(hereToo(gone, refs));
  return moved.kind === "ok" ? { ok: true } : { ok: false, detail: "a branch moved meanwhile" };
}
