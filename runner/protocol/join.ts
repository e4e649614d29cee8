/**
 * Which commits may become one on their way to the origin. Nobody but their maker knows of them; how durable each of them
 * is here does not change by it.
 *
 * The one commit keeps every event, and of the records what they were in the end. It takes the place of the many only where
 * it says the same: `rebase` finds in it what it would have found in them, and so does whoever verifies the history.
 */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { isPermission, type Recorded } from "./rebase.ts";

/** An event file is read as a whole. */
const MOST_EVENTS = 512;

/** What is pushed together with other refs, or says something of the commit before its own. */
const APART: readonly LedgerEvent["kind"][] = [
  "state-compacted",
  "files-delivered",
  "rewrite-accepted",
  "clock-set-right",
];

/** What the closed run tells of what happened to it in its last commit. */
const TOLD_BY_END: readonly LedgerEvent["kind"][] = [
  "run-started",
  "step-finished",
  "wait-ended",
  "spend-granted",
  "spend-settled",
  "gate-queued",
  "run-finished",
];

/** Whether these events may stand in one commit, if their records say the same there. */
export function mayJoin(events: readonly LedgerEvent[]): boolean {
  return (
    events.length <= MOST_EVENTS &&
    events.every(({ kind }) => !APART.includes(kind)) &&
    areGatesSeen(events) &&
    areEndsTold(events)
  );
}

/** `booked`: the transactions as each commit holds its own; `joined`: the same ones, as the last commit holds them all. */
export function canJoin(booked: readonly Recorded[], joined: readonly Recorded[]): boolean {
  return (
    mayJoin(booked.map(({ event }) => event)) &&
    booked.every((one, index) => saysTheSame(one, joined[index]))
  );
}

/** What becomes of a gate is judged by what stood there in the commit before. */
function areGatesSeen(events: readonly LedgerEvent[]): boolean {
  const gates = events.flatMap((event) => ("gate" in event && isShown(event) ? [event.gate] : []));
  const kept = events.flatMap((event) =>
    event.kind === "gate-settled" && event.via === "earlier-run" ? [event.run] : [],
  );
  const begun = events.flatMap((event) => (event.kind === "run-started" ? [event.run] : []));
  return new Set(gates).size === gates.length && !kept.some((run) => begun.includes(run));
}

function isShown(event: Extract<LedgerEvent, { gate: string | null }>): boolean {
  return event.kind !== "gate-queued" && event.gate !== null;
}

function areEndsTold(events: readonly LedgerEvent[]): boolean {
  const ended = new Set(
    events.flatMap((event) => (event.kind === "run-finished" ? [event.run] : [])),
  );
  return events.every(
    (event) => !("run" in event) || !ended.has(event.run) || TOLD_BY_END.includes(event.kind),
  );
}

/** Permissions are never kept on another state: nobody reads them again. */
function saysTheSame({ event, files }: Recorded, joined: Recorded | undefined): boolean {
  if (isPermission(event)) return true;
  return [...files].every(
    ([path, record]) => canonicalJson(record) === canonicalJson(joined?.files.get(path) ?? null),
  );
}
