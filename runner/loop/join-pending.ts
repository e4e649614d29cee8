/** What is durable here commit by commit reaches the origin as one, where that says the same. */
import { canJoin } from "#runner/protocol/join.ts";
import type { StateStore } from "#runner/repo/state-store.ts";
import { eventsChange } from "./ledger.ts";
import { recordedAt, transactionsOf } from "./recorded.ts";
import { stateAt } from "./state-files.ts";

/** Before they are offered for the first time: afterwards the origin may know them as they are. */
export async function joinPending(store: StateStore): Promise<void> {
  const made = store.unoffered;
  const { base, commits } = made;
  const last = commits.at(-1);
  // The first commit of all says which format the state has, and stands alone.
  if (base === null || last === undefined || commits.length === 1) return;
  const parents = [base, ...commits];
  const read = commits.map((commit, index) =>
    transactionsOf(stateAt(store.reader, commit), { commit, parent: parents[index] ?? null }),
  );
  const booked = (await Promise.all(read)).flat();
  const events = booked.map(({ event }) => event);
  if (!canJoin(booked, await recordedAt(stateAt(store.reader, last), events))) return;
  // A ref that is held or has moved keeps them apart, which harms nobody.
  await store.join(eventsChange(events), made);
}
