/** Which schema a file of the state branch is held against. */
import type { StateRecord } from "#runner/core/verify/verify-record.ts";
import { isSummaryPath } from "#runner/core/verify/verify-summary.ts";
import * as schemas from "#runner/schema/record-validators.gen.js";
import type { Validator } from "#runner/schema/validator.ts";

type Known = Exclude<StateRecord, { kind: "unreadable" }>;
type Reader = (value: unknown) => Known | string;

/** The record, or what the schema says against it; validators are loaded when they are first asked for. */
function reader<Value>(validator: () => Validator<Value>, made: (value: Value) => Known): Reader {
  return (value) => (validator()(value) ? made(value) : complaint(validator()));
}

function complaint({ errors }: Validator<unknown>): string {
  const [error] = errors ?? [];
  return `${error?.instancePath ?? ""} ${error?.message ?? "is not valid"}`.trim();
}

/** First match wins. */
const READERS: readonly (readonly [path: RegExp, read: Reader])[] = [
  [
    /^open\/[^/]+\/run\.json$/,
    reader(
      () => schemas.run,
      (value) => ({ kind: "run", value }),
    ),
  ],
  [
    /^open\/[^/]+\/[^/]+\.gate\.json$/,
    reader(
      () => schemas.gateDecision,
      (value) => ({ kind: "decision", value }),
    ),
  ],
  [
    /^open\/[^/]+\/[^/]+\.wait\.json$/,
    reader(
      () => schemas.wait,
      (value) => ({ kind: "wait", value }),
    ),
  ],
  [
    /^open\/[^/]+\/[^/]+\.checkpoints\.json$/,
    reader(
      () => schemas.checkpoints,
      (value) => ({ kind: "checkpoints", value }),
    ),
  ],
  [
    /^open\/[^/]+\/[^/]+\.json$/,
    reader(
      () => schemas.attempt,
      (value) => ({ kind: "attempt", value }),
    ),
  ],
  [
    /^runs\/[^/]+\/[^/]+\.json$/,
    reader(
      () => schemas.closedRun,
      (value) => ({ kind: "closed-run", value }),
    ),
  ],
  [
    /^gates\/[^/]+\.json$/,
    reader(
      () => schemas.gate,
      (value) => ({ kind: "gate", value }),
    ),
  ],
  [
    /^requests\/[^/]+\.json$/,
    reader(
      () => schemas.request,
      (value) => ({ kind: "request", value }),
    ),
  ],
  [
    /^once\/[^/]+\/[^/]+\.json$/,
    reader(
      () => schemas.receipt,
      (value) => ({ kind: "receipt", value }),
    ),
  ],
  [
    /^handled\/[^/]+\/[^/]+\.json$/,
    reader(
      () => schemas.handled,
      (value) => ({ kind: "handled", value }),
    ),
  ],
  [
    /^cache\/[^/]+\/[^/]+\.json$/,
    reader(
      () => schemas.cached,
      (value) => ({ kind: "cached", value }),
    ),
  ],
  [
    /^tombstones\/[^/]+\.json$/,
    reader(
      () => schemas.payloadTombstones,
      (value) => ({ kind: "tombstones", value }),
    ),
  ],
  [
    /^runners\/[^/]+\.json$/,
    reader(
      () => schemas.runner,
      (value) => ({ kind: "runner", value }),
    ),
  ],
];

const SUMMARIES: readonly (readonly [path: RegExp, validator: () => Validator<object>])[] = [
  [/^live\/_workspace\.json$/, () => schemas.liveWorkspace],
  [/^live\//, () => schemas.live],
  [/^inventory\//, () => schemas.inventory],
  [/^stats\//, () => schemas.stats],
];

/** The record at a path, or what is said against it. */
export function recordOf(path: string, value: unknown): Known | string {
  const [, read] = READERS.find(([pattern]) => pattern.test(path)) ?? [];
  return read === undefined ? "no such file belongs on the state branch" : read(value);
}

/** What the schema says against a summary. */
export function summaryComplaint(path: string, value: unknown): string | null {
  const validator = SUMMARIES.find(([pattern]) => pattern.test(path))?.[1]();
  if (validator === undefined) return "no such file belongs on the state branch";
  return validator(value) ? null : complaint(validator);
}

/** Throws where a record or summary would be refused by the next one who reads it. */
export function expectReadable(path: string, value: object): void {
  const found = isSummaryPath(path) ? summaryComplaint(path, value) : recordOf(path, value);
  if (typeof found !== "string") return;
  throw new Error(`${path} would be an invalid record on the state branch: ${found}`);
}
