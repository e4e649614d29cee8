/** Durable steps: one by one and in groups, against journals with the same records. */
import { RUNNER_AUTHOR } from "#runner/loop/runner-identity.ts";
import { openRepository } from "#runner/repo/repository.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { WriteQueue } from "#runner/repo/write-queue.ts";
import { atMost, type Row } from "./bar.ts";
import { linesJournal, sqliteJournal } from "./journals.ts";
import { inTurns, median, ratios, timed } from "./measure.ts";
import { changeOf } from "./records.ts";
import { ENVIRONMENT, makeWorkspace, range } from "./workspace.ts";

const GROUPED = 1000;

export async function openStore(folder: string): Promise<StateStore> {
  const opened = await openRepository({ start: folder, environment: ENVIRONMENT });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  return new StateStore({ repository: opened.repository, author: RUNNER_AUTHOR });
}

export async function benchDurable(steps: number): Promise<readonly Row[]> {
  const workspace = makeWorkspace(1);
  const store = await openStore(workspace.folder);
  const [sqlite, lines] = [sqliteJournal(workspace.folder), linesJournal(workspace.folder)];
  try {
    return [
      ...(await serial({ store, peer: lines.write }, steps)),
      ...(await grouped({ store, peer: sqlite.write }, steps)),
    ];
  } finally {
    sqlite.close();
    lines.close();
    await store.close();
    workspace.remove();
  }
}

interface Pair {
  readonly store: StateStore;
  readonly peer: (index: number) => void;
}

async function serial({ store, peer }: Pair, steps: number): Promise<readonly Row[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (const index of range(steps)) {
    ours.push(await timed(() => commit(store, [index])));
    theirs.push(await timed(() => peer(index)));
  }
  const quarter = Math.floor(steps / 4);
  const [first, last] = [ours.slice(0, quarter), ours.slice(-quarter)];
  const ms = `${median(ours).toFixed(2)} ms`;
  return [
    atMost(`${steps} serial durable steps, to JSONL + fdatasync (${ms})`, ratios(ours, theirs), 8),
    atMost("their last quarter, to the first", ratios(last, first), 1.2),
  ];
}

/** All at once, as results that wait for each other's commit: the queue of the loop makes groups of them. */
async function grouped({ store, peer }: Pair, steps: number): Promise<readonly Row[]> {
  let next = steps;
  const queue = new WriteQueue((indexes: readonly number[]) => commit(store, indexes));
  const some = (): readonly number[] => range(GROUPED).map(() => (next += 1));
  const ours = async (): Promise<void> => {
    await Promise.all(some().map((index) => queue.add(index)));
  };
  const [mine = [], theirs = []] = await inTurns([ours, () => some().forEach(peer)], 5);
  const ms = (median(mine) / GROUPED).toFixed(2);
  const insert = `a SQLite FULL insert (${(median(theirs) / GROUPED).toFixed(2)} ms)`;
  const what = `durable step of ${GROUPED} that wait together (${ms} ms), to ${insert}`;
  return [atMost(what, ratios(mine, theirs), 1.5)];
}

async function commit(store: StateStore, indexes: readonly number[]): Promise<void> {
  const outcome = await store.commit(changeOf(indexes));
  if (outcome.kind !== "committed") throw new Error(outcome.kind);
}
