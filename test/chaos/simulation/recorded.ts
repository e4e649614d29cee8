/** What commits hold of the records of their transactions, as git would be read. */
import { heldBy } from "#runner/core/closed-run.ts";
import { pathsOf } from "#runner/core/event-path.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { closedRunPath } from "#runner/core/state-path.ts";
import type { Recorded } from "#runner/protocol/rebase.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import type { Group } from "./remote.ts";

/** After all of the groups; a record that none of them has written is not looked at. */
export function recordedIn(
  groups: readonly Group[],
  transactions: readonly Transaction[],
): readonly Recorded[] {
  const files = new Map(groups.flat().flatMap((one) => [...one.files]));
  const held = new Map(
    transactions.flatMap(({ event }) => {
      const closed =
        event.kind === "run-finished" ? files.get(closedRunPath(event.run, event.at)) : undefined;
      return isClosed(closed)
        ? [...heldBy(closed)].map(([path, { value }]) => [path, value] as const)
        : [];
    }),
  );
  return transactions.map(({ event }) => {
    const paths = pathsOf(event).filter((path) => files.has(path));
    return {
      event,
      files: new Map(paths.map((path) => [path, held.get(path) ?? files.get(path) ?? null])),
    };
  });
}

function isClosed(record: object | null | undefined): record is ClosedRun {
  return record !== null && record !== undefined && "endedAt" in record && "attempts" in record;
}
