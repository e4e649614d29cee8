/** The event file of a commit. */
import { canonicalJson, digestOfBytes } from "#runner/core/canonical-json.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { eventsPath } from "#runner/core/state-path.ts";

export type EventFile =
  | { readonly ok: true; readonly events: readonly LedgerEvent[] }
  | { readonly ok: false; readonly reason: string };

const KINDS: Readonly<Record<LedgerEvent["kind"], true>> = {
  "project-applied": true,
  "project-stalled": true,
  "project-removed": true,
  "run-started": true,
  "effect-intended": true,
  "spend-granted": true,
  "spend-settled": true,
  "step-finished": true,
  "step-checkpointed": true,
  "gate-queued": true,
  "gate-opened": true,
  "gate-noted": true,
  "gate-settled": true,
  "wait-ended": true,
  "run-finished": true,
  "files-delivered": true,
  "edits-adopted": true,
  "request-made": true,
  "request-settled": true,
  "effect-answered": true,
  "work-claimed": true,
  "rewrite-accepted": true,
  "clock-set-right": true,
  "state-compacted": true,
  "payload-dropped": true,
};

/** The events that a file holds; its path names its content, so one that was edited stands at a wrong path. */
export function readEventFile(path: string, text: string): EventFile {
  const value = parsed(text);
  const events = eventsIn(value);
  if (events === undefined) return refused("it holds no events that this version knows");
  const [first] = events;
  if (first === undefined) return refused("it holds no event");
  if (`${canonicalJson(value)}\n` !== text) return refused("it is not canonical JSON");
  const expected = eventsPath(first.at, digestOfBytes(text));
  return expected === path ? { ok: true, events } : refused(`its content belongs at ${expected}`);
}

/** The events of one line of what compaction has joined; undefined when this version does not know them. */
export function readEventLine(line: string): readonly LedgerEvent[] | undefined {
  return eventsIn(parsed(line));
}

function eventsIn(value: unknown): readonly LedgerEvent[] | undefined {
  if (typeof value !== "object" || value === null || !("transactions" in value)) return undefined;
  return isEvents(value.transactions) ? value.transactions : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(reason: string): EventFile {
  return { ok: false, reason };
}

function isEvents(value: unknown): value is readonly LedgerEvent[] {
  return Array.isArray(value) && value.every(isEvent);
}

/** What every event has; the rest shows when it is folded and compared with its records. */
function isEvent(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (!("kind" in value && "at" in value && "project" in value)) return false;
  const { kind, at, project } = value;
  const isKnown = typeof kind === "string" && Object.hasOwn(KINDS, kind);
  return isKnown && typeof at === "string" && typeof project === "string";
}
