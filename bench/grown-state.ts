/** A state branch with any number of closed runs: the commits of a runner, without waiting for the disk between them. */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { RUNNER_AUTHOR } from "#runner/loop/runner-identity.ts";
import { compactionOf, isNothing } from "#runner/core/compaction.ts";
import { DAY_MS, SECOND_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Summaries } from "#runner/core/model.ts";
import { STATE } from "#runner/core/ref-names.ts";
import { compact } from "#runner/loop/compact.ts";
import { book, groupOf } from "#runner/loop/ledger.ts";
import { readSummaries } from "#runner/loop/state-files.ts";
import { readTipFolders } from "#runner/loop/tip-folders.ts";
import { objectOf, type PackedObject, writePack } from "#runner/repo/pack-file.ts";
import { fileChange, messageOf, type StateChange } from "#runner/repo/state-change.ts";
import type { StateStore } from "#runner/repo/state-store.ts";
import { TreeEditor } from "#runner/repo/tree-edit.ts";
import { runTransactions } from "./grown-run.ts";
import { ENVIRONMENT, range } from "./workspace.ts";

export const RUNS_A_DAY = 300;
export const START = "2026-01-01T00:00:00.000Z";
const GAP_MS = Math.floor(DAY_MS / RUNS_A_DAY);

export interface Growing {
  readonly folder: string;
  readonly store: StateStore;
  readonly runs: number;
}

/** Adds the runs, each as the commit of a tick, day by day, and compacts after each day; returns the instant at which the last day is over. */
export async function growState({ folder, store, runs }: Growing): Promise<string> {
  const days = Math.ceil(runs / RUNS_A_DAY);
  for (const day of range(days)) {
    const began = addMs(START, day * DAY_MS);
    const first = day * RUNS_A_DAY;
    const groups = range(Math.min(RUNS_A_DAY, runs - first)).map((index) =>
      runTransactions(`n${first + index}`, addMs(began, index * GAP_MS)),
    );
    await addDay({ folder, store }, groups);
    await compactAt(store, addMs(began, DAY_MS));
  }
  return addMs(START, days * DAY_MS + SECOND_MS);
}

type Place = Pick<Growing, "folder" | "store">;

/** The commits of a day in one pack. */
async function addDay(
  { folder, store }: Place,
  groups: readonly (readonly Transaction[])[],
): Promise<void> {
  const { reader, tip } = store;
  if (tip === null) throw new Error("a first tick must have been");
  let summaries: Summaries = await readSummaries(store);
  const load = async (oid: string): Promise<Buffer> =>
    (await reader.readTreeBytes(oid)) ?? Buffer.alloc(0);
  const trees = new TreeEditor(load, "sha1");
  const objects = new Map<string, PackedObject>();
  let [commit, root] = [tip, (await reader.readCommit(tip))?.tree ?? ""];
  for (const transactions of groups) {
    const made = groupOf({ summaries, transactions, refs: [] }, { isFirst: false });
    ({ summaries } = made);
    const edited = await trees.edit(root, [...made.change.stateFiles].map(fileChange));
    const next = objectOf("commit", commitText(made.change, edited.root, commit), "sha1");
    for (const object of [...edited.objects, next]) objects.set(object.oid, object);
    [commit, root] = [next.oid, edited.root];
  }
  const keep = await writePack(
    join(folder, ".git", "objects", "pack"),
    [...objects.values()],
    "sha1",
  );
  git(folder, "update-ref", STATE, commit, tip);
  rmSync(keep, { force: true });
  store.refresh();
}

async function compactAt(store: StateStore, at: string): Promise<void> {
  const compaction = compactionOf(await readTipFolders(store), at);
  if (isNothing(compaction)) return;
  const compacting = await compact({ store, clock: () => at }, compaction);
  if (compacting.kind !== "made") throw new Error(`what is compacted is ${compacting.kind}`);
  const summaries = await readSummaries(store);
  const { outcome } = await book(store, { summaries, transactions: [compacting.made], refs: [] });
  if (outcome.kind !== "committed") throw new Error(outcome.kind);
}

export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: folder, env: ENVIRONMENT, encoding: "utf8" }).trim();
}

function commitText(change: StateChange, tree: string, parent: string): Buffer {
  const who = `${RUNNER_AUTHOR.name} <${RUNNER_AUTHOR.email}> ${change.at} +0000`;
  const lines = [`tree ${tree}`, `parent ${parent}`, `author ${who}`, `committer ${who}`];
  return Buffer.from(`${lines.join("\n")}\n\n${messageOf(change)}`);
}
