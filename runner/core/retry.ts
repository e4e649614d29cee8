/** Which outcomes may pass when tried again, when, and how often. */
import { stepNamed } from "./step-graph.ts";
import { digestOf } from "./canonical-json.ts";
import { DAY_MS, durationMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "#runner/core/time/duration.ts";
import { addMs, msBetween } from "#runner/core/time/instant.ts";
import type { AttemptRecord, Outcome, Pipeline } from "#runner/schema/types.gen.ts";

/** How an outcome that may pass is tried again. */
interface RetryClass {
  /** Wait after the first; doubled each time. */
  readonly baseMs: number;
  readonly capMs: number;
  /** `attempts`: each uses up one of the step's; `time`: nothing was wrong with it, so only the time parked is bounded. */
  readonly boundBy: "attempts" | "time";
}

const classes: Readonly<Record<Outcome, RetryClass | null>> = {
  timeout: { baseMs: MINUTE_MS, capMs: HOUR_MS, boundBy: "attempts" },
  "provider-error": { baseMs: 30 * SECOND_MS, capMs: HOUR_MS, boundBy: "attempts" },
  crashed: { baseMs: 30 * SECOND_MS, capMs: HOUR_MS, boundBy: "attempts" },
  // Another answer may fit: waiting does not make it better.
  "schema-invalid": { baseMs: 2 * SECOND_MS, capMs: MINUTE_MS, boundBy: "attempts" },
  "rate-limited": { baseMs: 5 * SECOND_MS, capMs: HOUR_MS, boundBy: "time" },
  succeeded: null,
  noop: null,
  "missing-tool": null,
  "missing-data": null,
  "permission-denied": null,
  "budget-exhausted": null,
  "no-progress": null,
  "context-overflow": null,
  auth: null,
  cancelled: null,
  uncertain: null,
};

const DEFAULT_ATTEMPTS = 2;
const DEFAULT_RETRIES = 100;
// The longest month, and a few days for the provider's clock: quotas are renewed by the month.
const DEFAULT_PARKED_MS = 35 * DAY_MS;
// Whatever a provider says and a file allows: instants must stay instants.
const LONGEST_WAIT_MS = 366 * DAY_MS;

/** `retry` of a step, with what it leaves out. */
export interface RetryPolicy {
  /** Attempts in all, those that were only parked not counted. */
  readonly limit: number;
  /** null: as the outcome says. */
  readonly delayMs: number | null;
  readonly maxDelayMs: number | null;
  /** How long rate limits may hold a unit in all. */
  readonly maxParkedMs: number;
}

export function isRetryable(outcome: Outcome): boolean {
  return classes[outcome] !== null;
}

/** Whether an attempt uses up one of those that the step may take. */
export function countsAsAttempt({ outcome }: Pick<AttemptRecord, "outcome">): boolean {
  return outcome !== null && classes[outcome]?.boundBy !== "time";
}

export function retryPolicy(pipeline: Pipeline, step: string): RetryPolicy {
  const found = stepNamed(pipeline, step);
  const { limit, delay, maxDelay, maxParked } =
    (found !== undefined && "agent" in found ? found.retry : undefined) ?? {};
  return {
    limit: limit ?? DEFAULT_ATTEMPTS,
    delayMs: delay === undefined ? null : durationMs(delay),
    maxDelayMs: maxDelay === undefined ? null : durationMs(maxDelay),
    maxParkedMs: maxParked === undefined ? DEFAULT_PARKED_MS : durationMs(maxParked),
  };
}

/** Attempts beyond the first of each unit that all steps of a run may take together. */
export function retryBudget(pipeline: Pick<Pipeline, "maxRetries">): number {
  return pipeline.maxRetries ?? DEFAULT_RETRIES;
}

/** An attempt that has just ended. */
export interface EndedAttempt {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  /** From 1. */
  readonly attempt: number;
  /** Attempts are counted anew in each iteration of a repeated step. */
  readonly iteration?: number | undefined;
  readonly outcome: Outcome;
  readonly at: string;
  /** The provider's word when to come back. */
  readonly retryAfterMs?: number | undefined;
}

/** What follows an attempt: another one from an instant on, or none and why, where the outcome alone does not say it. */
export type AfterAttempt =
  | { readonly kind: "again"; readonly retryAt: string }
  | { readonly kind: "parked"; readonly resumeAt: string }
  | { readonly kind: "over"; readonly why: string };

/** `before` are the attempts of the same unit and iteration before this one. */
export function afterAttempt(
  ended: EndedAttempt,
  before: readonly AttemptRecord[],
  policy: RetryPolicy,
): AfterAttempt {
  const retried = classes[ended.outcome];
  if (retried === null) return { kind: "over", why: "" };
  if (retried.boundBy === "time") return parked(ended, before, { retried, policy });
  const made = before.filter(countsAsAttempt).length + 1;
  if (made >= policy.limit) return { kind: "over", why: "" };
  return { kind: "again", retryAt: addMs(ended.at, delayMs(ended, made, { retried, policy })) };
}

interface Rules {
  readonly retried: RetryClass;
  readonly policy: RetryPolicy;
}

function parked(ended: EndedAttempt, before: readonly AttemptRecord[], rules: Rules): AfterAttempt {
  const times = before.filter(({ resumeAt }) => resumeAt !== undefined);
  const asked = Math.min(Math.max(ended.retryAfterMs ?? 0, 0), LONGEST_WAIT_MS);
  // Who asks for less than a moment each time is not asked for ever either.
  const waitMs = Math.max(asked, delayMs(ended, times.length + 1, rules));
  const soFar = times.reduce((sum, attempt) => sum + parkedMs(attempt), 0);
  if (soFar + waitMs <= rules.policy.maxParkedMs) {
    return { kind: "parked", resumeAt: addMs(ended.at, waitMs) };
  }
  return {
    kind: "over",
    why: `it would be parked for ${inAll(soFar + waitMs)} in all, more than the ${inAll(rules.policy.maxParkedMs)} of retry.maxParked`,
  };
}

function parkedMs({ finishedAt, resumeAt }: AttemptRecord): number {
  return finishedAt === null || resumeAt === undefined ? 0 : msBetween(finishedAt, resumeAt);
}

/** In the largest unit that it fills: `3d`, `1.5h`, `20s`. */
function inAll(ms: number): string {
  const [unit, size] = UNITS.find(([, unitMs]) => ms >= unitMs) ?? ["s", SECOND_MS];
  return `${Math.round((ms / size) * 10) / 10}${unit}`;
}

const UNITS = [
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", MINUTE_MS],
] as const;

/** Doubled each time up to the cap, then shortened by up to a half: what failed together is not tried again together. */
function delayMs(ended: EndedAttempt, times: number, { retried, policy }: Rules): number {
  const base = policy.delayMs ?? retried.baseMs;
  const cap = Math.min(policy.maxDelayMs ?? Math.max(retried.capMs, base), LONGEST_WAIT_MS);
  return Math.round(Math.min(base * 2 ** (times - 1), cap) * (1 - spread(ended) / 2));
}

const SPREAD_DIGITS = 8;

/** From 0 to 1 and the same on every machine: made of what names the attempt. */
function spread({ run, step, item, attempt }: EndedAttempt): number {
  const digest = digestOf([run, step, item, attempt]);
  return Number.parseInt(digest.slice(-SPREAD_DIGITS), 16) / 16 ** SPREAD_DIGITS;
}

/** Instant from which the unit may be tried again; null when the attempt was its last. */
export function dueAt({ retryAt, resumeAt }: AttemptRecord): string | null {
  return resumeAt ?? retryAt ?? null;
}
