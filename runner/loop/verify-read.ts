/** The files of one state commit as `verify` reads them: parsed, and held against their schemas. */
import type { Finding } from "#runner/core/verify-finding.ts";
import type { StateRecord } from "#runner/core/verify-record.ts";
import { isSummaryPath } from "#runner/core/verify-summary.ts";
import * as schemas from "#runner/schema/record-validators.gen.js";
import type { Validator } from "#runner/schema/validator.ts";

/** A changed file; `text` is null where it was removed. */
export interface ChangedFile {
  readonly path: string;
  readonly mode: string;
  readonly text: string | null;
}

type Known = Exclude<StateRecord, { kind: "unreadable" }>;
type Reader = (value: unknown) => Known | string;

/** The record, or what the schema says against it. */
function reader<Value>(validator: Validator<Value>, made: (value: Value) => Known): Reader {
  return (value) => (validator(value) ? made(value) : complaint(validator));
}

function complaint({ errors }: Validator<unknown>): string {
  const [error] = errors ?? [];
  return `${error?.instancePath ?? ""} ${error?.message ?? "is not valid"}`.trim();
}

/** First match wins. */
const READERS: readonly (readonly [path: RegExp, read: Reader])[] = [
  [/^open\/[^/]+\/run\.json$/, reader(schemas.run, (value) => ({ kind: "run", value }))],
  [
    /^open\/[^/]+\/[^/]+\.gate\.json$/,
    reader(schemas.gateDecision, (value) => ({ kind: "decision", value })),
  ],
  [/^open\/[^/]+\/[^/]+\.json$/, reader(schemas.attempt, (value) => ({ kind: "attempt", value }))],
  [
    /^runs\/[^/]+\/[^/]+\.json$/,
    reader(schemas.closedRun, (value) => ({ kind: "closed-run", value })),
  ],
  [/^gates\/[^/]+\.json$/, reader(schemas.gate, (value) => ({ kind: "gate", value }))],
  [/^requests\/[^/]+\.json$/, reader(schemas.request, (value) => ({ kind: "request", value }))],
  [/^once\/[^/]+\/[^/]+\.json$/, reader(schemas.receipt, (value) => ({ kind: "receipt", value }))],
  [/^runners\/[^/]+\.json$/, reader(schemas.runner, (value) => ({ kind: "runner", value }))],
];

const SUMMARIES: readonly (readonly [path: RegExp, validator: Validator<object>])[] = [
  [/^live\/_workspace\.json$/, schemas.liveWorkspace],
  [/^live\//, schemas.live],
  [/^inventory\//, schemas.inventory],
  [/^stats\//, schemas.stats],
];

export type PathKind = "event" | "format" | "summary" | "tombstones" | "record";

export function kindOf(path: string): PathKind {
  if (path.startsWith("events/")) return "event";
  if (path === "format.json") return "format";
  if (isSummaryPath(path)) return "summary";
  return path.startsWith("tombstones/") ? "tombstones" : "record";
}

export interface ReadRecord {
  readonly record: StateRecord;
  readonly findings: readonly Finding[];
}

/** `where` names the file in findings. */
export function readStateRecord(path: string, text: string, where: string): ReadRecord {
  const [, read] = READERS.find(([pattern]) => pattern.test(path)) ?? [];
  const parsed = parsedJson(text);
  if (read === undefined || parsed === undefined) {
    const message =
      read === undefined ? "no such file belongs on the state branch" : "it is not JSON";
    return unreadable({ rule: "record-schema", where, message });
  }
  const record = read(parsed.value);
  return typeof record === "string"
    ? unreadable({ rule: "record-schema", where, message: record })
    : { record, findings: [] };
}

function unreadable(finding: Finding): ReadRecord {
  return { record: { kind: "unreadable" }, findings: [finding] };
}

/** What the schema says against a summary. */
export function summaryComplaint(path: string, text: string): string | null {
  const [, validator] = SUMMARIES.find(([pattern]) => pattern.test(path)) ?? [];
  const parsed = parsedJson(text);
  if (validator === undefined || parsed === undefined) return "it is not JSON";
  return validator(parsed.value) ? null : complaint(validator);
}

export function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
