/** What is durable here commit by commit reaches the origin as one, where that says the same. */
import { canJoin, mayJoin } from "#runner/protocol/join.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { StateStore } from "#runner/repo/state-store.ts";
import { type ChangedFile, diffTrees } from "#runner/repo/tree-diff.ts";
import { eventsChange } from "./ledger.ts";
import { eventsIn, recordedAt } from "./recorded.ts";
import { stateAt, type StateFiles } from "./state-files.ts";

/** Before they are offered for the first time: afterwards the origin may know them as they are. */
export async function joinPending(store: StateStore): Promise<void> {
  const made = store.unoffered;
  const { base, commits } = made;
  const last = commits.at(-1);
  // The first commit of all says which format the state has, and stands alone.
  if (base === null || last === undefined || commits.length === 1) return;
  const parents = [base, ...commits];
  const brought = commits.map((commit, index) =>
    broughtBy(store, { commit, parent: parents[index] ?? null }),
  );
  const all = await Promise.all(brought);
  const events = all.flatMap((one) => one.events);
  // Asked before a record is read: a thousand of them would be read for nothing.
  if (!mayJoin(events)) return;
  const isSame = await sameAs(store, { base, last, all });
  const read = all.map((one) => recordedAt(one.files, one.events, isSame));
  const booked = (await Promise.all(read)).flat();
  if (!canJoin(booked, await recordedAt(stateAt(store.reader, last), events, isSame))) return;
  // A ref that is held or has moved keeps them apart, which harms nobody.
  await store.join(eventsChange(events), made);
}

interface Brought {
  readonly files: StateFiles;
  readonly changed: readonly ChangedFile[];
  readonly events: readonly LedgerEvent[];
}

async function broughtBy(
  { reader }: StateStore,
  { commit, parent }: { readonly commit: string; readonly parent: string | null },
): Promise<Brought> {
  const files = stateAt(reader, commit);
  const changed = await diffTrees(reader, parent, commit);
  return { files, changed, events: await eventsIn(files, { commit, changed }) };
}

/** A file that is the same in the commit of its event and in the last says the same there, and is not read. */
async function sameAs(
  { reader }: StateStore,
  {
    base,
    last,
    all,
  }: { readonly base: string; readonly last: string; readonly all: readonly Brought[] },
): Promise<(event: LedgerEvent, path: string) => boolean> {
  const changed = await diffTrees(reader, base, last);
  const inTheEnd = new Map(changed.map(({ path, oid }) => [path, oid]));
  const same = new Map<LedgerEvent, ReadonlySet<string>>();
  for (const one of all) {
    const kept = one.changed.filter(({ path, oid }) => oid !== null && inTheEnd.get(path) === oid);
    const paths = new Set(kept.map(({ path }) => path));
    for (const event of one.events) same.set(event, paths);
  }
  return (event, path) => same.get(event)?.has(path) ?? false;
}
