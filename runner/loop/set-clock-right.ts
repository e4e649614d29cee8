/** What a runner has recorded whose clock was ahead is taken back to the present, by a transaction of its own kind. */
import { localDay } from "#runner/core/time/calendar.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { APART_MS, leadsOf, type Lead, type Present } from "#runner/core/clock-lead.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { transaction } from "#runner/core/transaction.ts";
import { bookAtOnce } from "./book-at-once.ts";
import type { Engine } from "./engine.ts";
import type { Seen } from "./look.ts";
import { isOwn } from "./runner-identity.ts";

export interface Leads {
  readonly present: Present;
  readonly leads: readonly Lead[];
  /** When somebody committed to main last, where that lies in the future as well: then it is this clock that is behind. */
  readonly mainAt: string | null;
  readonly timezone: string;
}

/** null where nothing recorded lies in the future. */
export async function clockLeads(
  { clock, store }: Pick<Engine, "clock" | "store">,
  { workspace, observed }: Pick<Seen, "workspace" | "observed">,
): Promise<Leads | null> {
  if (workspace === null) return null;
  const at = clock();
  const timezone = timezoneOf(workspace.settings);
  const present = { at, day: localDay(at, timezone) };
  const leads = leadsOf(observed.summaries, present);
  if (leads.length === 0) return null;
  const mainAt = await lastByPerson(store.reader, workspace.commit);
  return { present, leads, timezone, mainAt: mainAt > addMs(at, APART_MS) ? mainAt : null };
}

const EPOCH = "1970-01-01T00:00:00.000Z";
const MOST_READ = 1000;

/** What a runner delivers bears the time of its own clock, which says nothing. */
async function lastByPerson(reader: Engine["store"]["reader"], main: string): Promise<string> {
  let commit = await reader.readCommit(main);
  for (let read = 0; commit !== undefined && isOwn(commit) && read < MOST_READ; read += 1) {
    const [parent] = commit.parents;
    commit = parent === undefined ? undefined : await reader.readCommit(parent);
  }
  const seconds = /> (\d+) [-+]\d{4}$/.exec(commit?.committer ?? "")?.[1] ?? "0";
  return addMs(EPOCH, Number(seconds) * 1000);
}

/** null: it is done; else why not. */
export async function setClockRight(
  engine: Engine,
  { observed, present }: { readonly observed: Seen["observed"]; readonly present: Present },
  signal: AbortSignal,
): Promise<string | null> {
  const event = { kind: "clock-set-right", project: "", ...present } as const;
  const booking = {
    summaries: observed.summaries,
    transactions: [transaction({ event })],
    refs: [],
  };
  const booked = await bookAtOnce(engine, booking, signal);
  return booked.ok ? null : booked.detail;
}
