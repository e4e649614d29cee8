/** Durable steps: one by one and in groups, against journals with the same records. */
import { openRepository } from "#runner/repo/repository.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { atMost, reported, type Row } from "./bar.ts";
import { linesJournal, sqliteJournal } from "./journals.ts";
import { inTurns, median, ratios, timed } from "./measure.ts";
import { changeOf } from "./records.ts";
import { ENVIRONMENT, makeWorkspace, range } from "./workspace.ts";

/** As many steps as the loop lets land together. */
const GROUP = 8;
const AUTHOR = { name: "fettle", email: "fettle@localhost" };

export async function openStore(folder: string): Promise<StateStore> {
  const opened = await openRepository({ start: folder, environment: ENVIRONMENT });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  return new StateStore({ repository: opened.repository, runner: "local", author: AUTHOR });
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

async function grouped({ store, peer }: Pair, steps: number): Promise<readonly Row[]> {
  let next = steps;
  const groupOf = (): readonly number[] => range(GROUP).map(() => (next += 1));
  const peers = () => {
    for (const index of groupOf()) peer(index);
  };
  const [ours = [], theirs = []] = await inTurns(
    [() => commit(store, groupOf()), peers],
    Math.ceil(steps / GROUP / 2),
  );
  const ms = median(ours) / GROUP;
  return [
    atMost(
      `durable step in groups of ${GROUP}, to a SQLite FULL insert (${ms.toFixed(2)} ms)`,
      ratios(ours, theirs),
      1.5,
    ),
    reported("SQLite FULL insert of the same records", `${(median(theirs) / GROUP).toFixed(2)} ms`),
  ];
}

async function commit(store: StateStore, indexes: readonly number[]): Promise<void> {
  const outcome = await store.commit(changeOf(indexes));
  if (outcome.kind !== "committed") throw new Error(outcome.kind);
}
