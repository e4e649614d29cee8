/** What leaves the tip of the state branch, and when that is worth a commit. */
import type { Action, StateCompact } from "./action.ts";
import { DAY_MS, HOUR_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";

/** What compaction may fold, as the folders of the tip name it. */
export interface TipFolders {
  /** Days of closed runs. */
  readonly runs: readonly Folder[];
  /** Hours of event files that stand alone, as `<day>/<hh>`. */
  readonly hours: readonly Folder[];
  /** Days of events, joined or not. */
  readonly days: readonly Folder[];
}

interface Folder {
  readonly name: string;
  readonly entries: number;
}

/** Names of what is folded in one commit. */
export interface Compaction {
  /** Days whose closed runs become lines of the ledger. */
  readonly runs: readonly string[];
  /** Hours whose event files are joined. */
  readonly hours: readonly string[];
  /** Days whose events stand in the history alone. */
  readonly days: readonly string[];
  /** Receipts of effects that all happened before are joined; null: none. */
  readonly receiptsBefore: string | null;
  /** What became of items that were all handled before is joined; absent: none. */
  readonly handledBefore?: string;
}

export const NO_FOLDERS: TipFolders = { runs: [], hours: [], days: [] };

/** How long a closed run stays on the tip after its day. */
const RUNS_KEPT_MS = 7 * DAY_MS;
/** Agents may ask for the events of 31 days. */
const EVENTS_KEPT_MS = 32 * DAY_MS;
/** Fewer entries are not worth a commit: the events of compaction itself must never cause the next one. */
const ENOUGH = 256;
const AT_ONCE = 4096;

interface Ripe extends Folder {
  readonly part: "runs" | "hours" | "days";
  /** From this instant on it can be folded. */
  readonly from: string;
}

/** Compaction when nothing but deliveries is left to do and enough has gathered; else when that will be. */
export function planCompaction(
  folders: TipFolders,
  others: readonly Action[],
  now: string,
): { readonly actions: readonly StateCompact[]; readonly wake: string | null } {
  const due = dueFrom(ripening(folders));
  if (due === null || due > now) return { actions: [], wake: due };
  if (others.some(({ kind }) => kind !== "deliver")) return { actions: [], wake: null };
  const compaction = compactionOf(folders, now);
  const because = `${enteredBy(folders, compaction)} files are older than what the tip of the state keeps`;
  return { actions: [{ kind: "state-compact", project: "", because, compaction }], wake: null };
}

/** The oldest of what can be folded by now, as much as one commit takes. */
export function compactionOf(folders: TipFolders, now: string): Compaction {
  const chosen: Ripe[] = [];
  let room = AT_ONCE;
  for (const ripe of ripening(folders)) {
    if (ripe.from > now || room <= 0) break;
    chosen.push(ripe);
    room -= ripe.entries;
  }
  const named = (part: Ripe["part"]): readonly string[] =>
    chosen.filter((ripe) => ripe.part === part).map(({ name }) => name);
  const days = named("days");
  const runs = named("runs");
  return {
    runs,
    days,
    hours: named("hours").filter((hour) => !days.includes(dayOf(hour))),
    // Receipts and handled items age like runs, and looking for old ones reads them all.
    receiptsBefore: runs.length === 0 ? null : addMs(now, -RUNS_KEPT_MS),
    ...(runs.length === 0 ? {} : { handledBefore: addMs(now, -RUNS_KEPT_MS) }),
  };
}

export function isNothing({ runs, hours, days }: Compaction): boolean {
  return runs.length + hours.length + days.length === 0;
}

/** Oldest first. */
function ripening({ runs, hours, days }: TipFolders): readonly Ripe[] {
  const ripe = [
    ...runs.map((folder): Ripe => ({ ...folder, part: "runs", from: endOf(folder, RUNS_KEPT_MS) })),
    ...days.map((folder): Ripe => ({
      ...folder,
      part: "days",
      from: endOf(folder, EVENTS_KEPT_MS),
    })),
    ...hours.map((folder): Ripe => ({ ...folder, part: "hours", from: endOfHour(folder) })),
  ];
  return ripe.toSorted((a, b) => (a.from + a.part < b.from + b.part ? -1 : 1));
}

function endOf({ name }: Folder, keptMs: number): string {
  return addMs(`${name}T00:00:00.000Z`, DAY_MS + keptMs);
}

function endOfHour({ name }: Folder): string {
  return addMs(`${name.replace("/", "T")}:00:00.000Z`, HOUR_MS);
}

function dueFrom(ripe: readonly Ripe[]): string | null {
  let gathered = 0;
  for (const { from, entries } of ripe) {
    gathered += entries;
    if (gathered >= ENOUGH) return from;
  }
  return null;
}

function enteredBy(folders: TipFolders, compaction: Compaction): number {
  const parts = ["runs", "hours", "days"] as const;
  const folded = parts.flatMap((part) =>
    folders[part].filter(({ name }) => compaction[part].includes(name)),
  );
  return folded.reduce((sum, { entries }) => sum + entries, 0);
}

export function dayOf(hour: string): string {
  return hour.slice(0, 10);
}
