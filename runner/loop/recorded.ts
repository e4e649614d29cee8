/** Transactions as a pending commit holds them: its events, and what their records say there. */
import { heldBy, type HeldRecord } from "#runner/core/closed-run.ts";
import { pathsOf } from "#runner/core/event-path.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { closedRunPath, isEventsPath } from "#runner/core/state-path.ts";
import { readEventFile } from "#runner/core/verify/verify-event.ts";
import type { Recorded } from "#runner/protocol/rebase.ts";
import { type ChangedFile, diffTrees } from "#runner/repo/tree-diff.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import { readRecord, type StateFiles } from "./state-files.ts";

export async function transactionsOf(
  files: StateFiles,
  { commit, parent }: { readonly commit: string; readonly parent: string | null },
): Promise<readonly Recorded[]> {
  const changed = await diffTrees(files.reader, parent, commit);
  return recordedAt(files, await eventsIn(files, { commit, changed }));
}

/** The events that a pending commit brought with its other changes. */
export async function eventsIn(
  files: StateFiles,
  { commit, changed }: { readonly commit: string; readonly changed: readonly ChangedFile[] },
): Promise<readonly LedgerEvent[]> {
  const eventPath = changed.find(({ path, oid }) => oid !== null && isEventsPath(path))?.path;
  const text = eventPath === undefined ? undefined : await files.readText(eventPath);
  const group =
    eventPath === undefined || text === undefined ? null : readEventFile(eventPath, text);
  if (group === null || !group.ok) throw new Error(`pending commit ${commit} holds no events`);
  return group.events;
}

/** What `files` hold of the records of events that came before; of those that `isLeftOut` nothing is read. */
export async function recordedAt(
  files: StateFiles,
  events: readonly LedgerEvent[],
  isLeftOut: (event: LedgerEvent, path: string) => boolean = () => false,
): Promise<readonly Recorded[]> {
  const closed = await heldByClosed(files, events);
  return Promise.all(
    events.map((event) => {
      const paths = pathsOf(event).filter((path) => !isLeftOut(event, path));
      return recordedOf(files, { event, paths, closed });
    }),
  );
}

/** What stands in closed runs alone, because they ended in the commit that recorded it. */
async function heldByClosed(
  files: StateFiles,
  events: readonly LedgerEvent[],
): Promise<ReadonlyMap<string, HeldRecord>> {
  const paths = events.flatMap((event) =>
    event.kind === "run-finished" ? [closedRunPath(event.run, event.at)] : [],
  );
  const runs = await Promise.all(paths.map((path) => readRecord(files, path, records.closedRun)));
  return new Map(runs.flatMap((run) => (run === undefined ? [] : [...heldBy(run)])));
}

interface Recording {
  readonly event: LedgerEvent;
  readonly paths: readonly string[];
  readonly closed: ReadonlyMap<string, HeldRecord>;
}

async function recordedOf(
  files: StateFiles,
  { event, paths, closed }: Recording,
): Promise<Recorded> {
  const read = await Promise.all(
    paths.map(async (path): Promise<readonly [string, object | null]> => {
      const held = closed.get(path);
      if (held !== undefined) return [path, held.value];
      const text = await files.readText(path);
      const value: unknown = text === undefined ? null : JSON.parse(text);
      return [path, typeof value === "object" ? value : null];
    }),
  );
  return { event, files: new Map(read) };
}
