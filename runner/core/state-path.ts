/** Where things live on the state and payload branches (ARCHITECTURE.md, "State branch"). */
import { itemSlug } from "./identifier.ts";

export const FORMAT_PATH = "format.json";
export const LIVE_WORKSPACE_PATH = "live/_workspace.json";

export function livePath(project: string): string {
  return `live/${project}.json`;
}

export function inventoryPath(project: string): string {
  return `inventory/${project}.json`;
}

export function statsPath(agent: string): string {
  return `stats/${agent}.json`;
}

export function runFolder(run: string): string {
  return `open/${run}`;
}

export function runPath(run: string): string {
  return `${runFolder(run)}/run.json`;
}

export function attemptPath(run: string, unit: Unit, attempt: number): string {
  const item = unit.item === null ? "" : `.${itemSlug(unit.item)}`;
  return `${runFolder(run)}/${unit.step}${item}.${attempt}.json`;
}

export function checkpointsPath(run: string, { step, item }: Unit): string {
  const slug = item === null ? "" : `.${itemSlug(item)}`;
  return `${runFolder(run)}/${step}${slug}.checkpoints.json`;
}

export interface Unit {
  readonly step: string;
  readonly item: string | null;
}

export function decisionPath(run: string, step: string): string {
  return `${runFolder(run)}/${step}.gate.json`;
}

export function waitPath(run: string, step: string): string {
  return `${runFolder(run)}/${step}.wait.json`;
}

/** `endedAt` is an instant; closed runs are kept by the day they ended. */
export function closedRunPath(run: string, endedAt: string): string {
  return `runs/${endedAt.slice(0, 10)}/${run}.json`;
}

export function gatePath(gate: string): string {
  return `gates/${gate}.json`;
}

export function requestPath(request: string): string {
  return `requests/${request}.json`;
}

export function runnerPath(runner: string): string {
  return `runners/${runner}.json`;
}

/** `base` is a digest `sha256:<hex>`. */
export function receiptPath(base: string): string {
  const hex = base.slice("sha256:".length);
  return `once/${hex.slice(0, 2)}/${hex}.json`;
}

/** What became of the item that a child run handles; the last characters of a run's id are spread evenly. */
export function handledPath(run: string): string {
  return `handled/${run.slice(-2)}/${run}.json`;
}

/** What became of old items, joined: those whose runs end alike. */
export function joinedHandledPath(run: string): string {
  return `handled/${run.slice(-2)}.jsonl`;
}

/**
 * Where the result of a step key is kept: one place for all keys that begin alike, so that there are never more than 65,536.
 * A result that lost its place is made once more.
 */
export function cachedPath(key: string): string {
  const hex = key.slice("sha256:".length);
  return `cache/${hex.slice(0, 2)}/${hex.slice(2, 4)}.json`;
}

/** `at` is the instant of the first transaction; `digest` that of the file's content. */
export function eventsPath(at: string, digest: string): string {
  return `events/${at.slice(0, 10)}/${at.slice(11, 13)}/${digest.slice("sha256:".length, "sha256:".length + 24)}.json`;
}

const EVENTS = /^events\/\d{4}-\d{2}-\d{2}\/\d{2}\/[0-9a-f]{24}\.json$/;

/** Whether a path is that of the event file of a commit, and not of what compaction made of several. */
export function isEventsPath(path: string): boolean {
  return EVENTS.test(path);
}

/** Event files of a day, joined; `hour` (`<day>/<hh>`) is the first of them. */
export function joinedEventsPath(hour: string): string {
  return `events/${hour}.jsonl`;
}

/** Receipts of old effects whose base begins with these two digits, joined. */
export function joinedReceiptsPath(bucket: string): string {
  return `once/${bucket}.jsonl`;
}

/** What was folded of the days of a month. */
export function ledgerPath(day: string): string {
  return `ledger/${day.slice(0, 7)}.jsonl`;
}

/** What was taken from the payload of a month. */
export function payloadTombstonesPath(month: string): string {
  return `tombstones/${month}.json`;
}

/** Path of a payload blob on the branch of its month. */
export function payloadPath(digest: string): string {
  const hex = digest.slice("sha256:".length);
  return `${hex.slice(0, 2)}/${hex}`;
}

export function gateFolder(project: string, gate: string): string {
  return `memory/${project}/decisions/${gate}`;
}
