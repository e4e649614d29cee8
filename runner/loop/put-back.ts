/** A state that was set back gets its newer commits again: a push or a move that only ever adds. */
import { branchName, branchRef, MAIN, PAYLOAD_BRANCHES, STATE } from "#runner/core/ref-names.ts";
import { commitLog, isAncestor } from "#runner/repo/history.ts";
import { hereToo, pushRefs } from "#runner/repo/push.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs, type Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { diffTrees } from "#runner/repo/tree-diff.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Engine } from "./engine.ts";
import { mainSetBack } from "./main-standing.ts";
import { readFolder, readRecord, stateAt } from "./state-files.ts";
import type { Shown, StateConflict, StateLost } from "./state-standing.ts";

type Hands = Pick<Engine, "repository" | "store">;
type SetBack = Extract<StateConflict, { kind: "set-back" }>;

export type PutBack =
  | { readonly ok: true; readonly did: readonly string[] }
  | { readonly ok: false; readonly detail: string };

/** Only what is a descendant of what stands there, or of nothing: whatever came meanwhile makes git refuse. */
export async function putBack(
  hands: Hands,
  { conflict, shown }: { readonly conflict: SetBack; readonly shown: Shown },
  signal: AbortSignal,
): Promise<PutBack> {
  const { repository } = hands;
  const state =
    conflict.ref === STATE ? [{ ref: STATE, from: conflict.now, to: conflict.newest }] : [];
  const updates = [...(await missingThere(hands, conflict, shown)), ...state];
  if (shown !== null) {
    const pushed = await pushRefs(repository, updates, signal);
    if (pushed.outcome !== "ok") return { ok: false, detail: pushed.detail };
  }
  const local = shown === null ? updates : hereToo(updates, readRefs(repository));
  const moved = await hands.store.transactions.run(local);
  if (moved.kind !== "ok") return { ok: false, detail: `${branchName(moved.ref)} moved meanwhile` };
  const where = shown === null ? "here" : "at the origin";
  return {
    ok: true,
    did: updates.map(({ ref, to }) => `${branchName(ref)} is put back ${where} to ${to ?? ""}`),
  };
}

/** What was delivered to main goes there again, where the origin's main has nothing of its own since. */
export async function putMainBack(
  engine: Pick<Engine, "repository" | "store" | "clock">,
  shown: Shown,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const now = shown?.get(MAIN);
  const found = now === undefined ? null : await mainSetBack(engine, now);
  if (found?.isHere !== true) return [];
  const update = { ref: MAIN, from: found.now, to: found.newest };
  const pushed = await pushRefs(engine.repository, [update], signal);
  return pushed.outcome === "ok"
    ? [`main is put back at the origin to ${found.newest}`]
    : [`main is not put back: ${pushed.detail}`];
}

/** The branch of this clone goes back to its newest commit by a runner; the one made by hand keeps its id. */
export async function setAside(
  { store }: Pick<Engine, "store">,
  { ref, now, own }: Extract<StateConflict, { kind: "foreign" }>,
): Promise<readonly string[]> {
  const moved = await store.transactions.run([{ ref, from: now, to: own }]);
  if (moved.kind !== "ok") return [`${branchName(ref)} is left as it is: it moved meanwhile`];
  const where = own === null ? "is gone" : `goes back to ${own}`;
  return [`${branchName(ref)} ${where} here; the commit made by hand stays as ${now}`];
}

/** What belongs to the state that is put back and is not at the origin. */
async function missingThere(
  { repository, store }: Hands,
  conflict: SetBack,
  shown: Shown,
): Promise<readonly RefUpdate[]> {
  if (shown === null) return [];
  const payload = await missingPayload(repository, shown);
  return [...payload, ...(await missingGates(store, conflict, shown))];
}

async function missingPayload(repository: Repository, shown: Refs): Promise<readonly RefUpdate[]> {
  const ours = [...readRefs(repository)].filter(([ref]) => ref.startsWith(PAYLOAD_BRANCHES));
  const found: RefUpdate[] = [];
  for (const [ref, to] of ours) {
    const from = shown.get(ref) ?? null;
    if (from === to) continue;
    const isBehind = from === null || (await isAncestor(repository, from, to)) === "yes";
    if (isBehind) found.push({ ref, from, to });
  }
  return found;
}

/** Whoever set the state back has decided nothing of the gates that are open on what is put back. */
async function missingGates(
  { reader }: Hands["store"],
  { ref, newest }: SetBack,
  shown: Refs,
): Promise<readonly RefUpdate[]> {
  if (ref !== STATE) return [];
  const open = await readFolder(stateAt(reader, newest), "gates", records.gate);
  const missing = [...open.values()].filter(({ branch }) => !shown.has(branchRef(branch)));
  const found = await Promise.all(
    missing.map(async ({ branch, head }): Promise<readonly RefUpdate[]> => {
      const isHere = (await reader.readCommit(head)) !== undefined;
      return isHere ? [{ ref: branchRef(branch), from: null, to: head }] : [];
    }),
  );
  return found.flat();
}

/** What stands in `newest` and not in what counts now. */
export interface OnlySeen {
  readonly commits: number;
  /** Of the newest commit. */
  readonly subject: string;
  /** Keys of external effects that were intended or done there. */
  readonly effects: readonly string[];
}

const MOST_COUNTED = 10_000;

export async function onlySeen(
  { repository, store: { reader } }: Hands,
  { newest, now }: StateLost,
): Promise<OnlySeen> {
  const without = now === null ? [] : [now];
  const query = { limit: MOST_COUNTED, without, withoutFiles: true };
  const log = await commitLog(repository, newest, query);
  const changed = await diffTrees(reader, now, newest);
  const files = stateAt(reader, newest);
  const receipts = await Promise.all(
    changed
      .filter(({ path, oid }) => oid !== null && /^once\/.*\.json$/.test(path))
      .map(({ path }) => readRecord(files, path, records.receipt)),
  );
  const effects = receipts.flatMap((record) => (record === undefined ? [] : [record.onceKey]));
  return { commits: log.length, subject: log[0]?.subject ?? "", effects: effects.toSorted() };
}
