/** Talking to GitHub's REST API: paced, patient to a limit, and again only where that does no harm. */
import type { Octokit } from "octokit";
import { retryAfterMsOf } from "#runner/core/retry-after.ts";
import { VERSION } from "#runner/version.ts";
import type { Told } from "./port.ts";

export interface GithubPlace {
  /** Root of the API: https://api.github.com, or https://<host>/api/v3. */
  readonly api: string;
  readonly owner: string;
  readonly repo: string;
}

export interface GithubOptions extends GithubPlace {
  readonly token: string;
  /** How long a request may wait for a limit to pass; a longer wait is told instead. */
  readonly patienceMs: number;
  /** The present instant, in milliseconds. */
  readonly nowMs: () => number;
  /** `none`: requests follow each other at once; GitHub itself wants a pause after each that writes. */
  readonly pacing: "as-asked" | "none";
}

/** A client for one repository, until the signal. */
export interface Line {
  readonly client: Octokit;
  readonly place: GithubPlace;
  readonly signal: AbortSignal;
}

/** The description that the requests follow; a newer one has other pull requests. */
const API_VERSION = "2022-11-28";
const ANSWER_MS = 20_000;
/** Answers that do not change when the same is asked again; too many requests are the limiter's. */
const FINAL = [400, 401, 403, 404, 405, 409, 410, 412, 422, 429, 451];

/** A request that writes and is not safe to repeat. */
export const ONCE = { retries: 0 } as const;

/** The client loads with the first request: it is heavy, and most ticks ask nothing. */
export async function openClient(options: GithubOptions): Promise<Octokit> {
  const { Octokit: Client } = await import("octokit");
  const { api, token, patienceMs, pacing } = options;
  const isShort = (seconds: number, ...[, , tries]: readonly [unknown, unknown, number]): boolean =>
    tries < 2 && seconds * 1000 <= patienceMs;
  const client = new Client({
    auth: token,
    baseUrl: api,
    userAgent: `fettle/${VERSION}`,
    log: SILENT,
    request: { fetch: inTime },
    retry: { doNotRetry: FINAL, retries: 2, ...(pacing === "none" && { retryAfterBaseValue: 1 }) },
    throttle: {
      id: `${api} ${token}`,
      onRateLimit: isShort,
      onSecondaryRateLimit: isShort,
      ...(pacing === "none" && UNPACED),
    },
  });
  client.hook.before("request", (request) => {
    request.headers["x-github-api-version"] = API_VERSION;
  });
  return client;
}

function nothing(): void {
  // What goes wrong is told by the answer.
}

const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing };

type Scheduled = (...given: readonly unknown[]) => Promise<unknown>;

const AT_ONCE = {
  key: () => ({
    schedule: (_options: unknown, work: Scheduled, ...given: readonly unknown[]) => work(...given),
  }),
};

const UNPACED = { write: AT_ONCE, notifications: AT_ONCE };

/** A connection that hangs is given up; the proxy is Node's own business (NODE_USE_ENV_PROXY). */
function inTime(url: string, init: RequestInit = {}): Promise<Response> {
  const limit = AbortSignal.timeout(ANSWER_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  return fetch(url, { ...init, signal });
}

/** What GitHub answered to a request that failed; 500 also where there was no answer. */
export interface Failure {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export type Answered<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** An answer that is an error comes back as a value; an interruption is thrown on. */
export async function answered<Value>(
  signal: AbortSignal,
  ask: () => Promise<Value>,
): Promise<Answered<Value>> {
  try {
    signal.throwIfAborted();
    return { ok: true, value: await ask() };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const failure = failureOf(error);
    if (failure === null) throw error;
    return { ok: false, failure };
  }
}

function failureOf(error: unknown): Failure | null {
  if (!(error instanceof Error) || !("status" in error)) return null;
  const { status, message } = error;
  if (typeof status !== "number") return null;
  const response: unknown = "response" in error ? error.response : undefined;
  const headers: unknown =
    typeof response === "object" && response !== null && "headers" in response
      ? response.headers
      : {};
  const known = typeof headers === "object" && headers !== null ? { ...headers } : {};
  return { status, message, headers: known };
}

/** The failure in the words of the port. */
export function refusalOf(failure: Failure, nowMs: number): Extract<Told<never>, { ok: false }> {
  const { status } = failure;
  const [detail = ""] = failure.message.split("\n");
  const wait = waitOf(failure, nowMs);
  if (wait !== null) {
    const until = new Date(nowMs + wait).toISOString();
    return { ok: false, reason: "limited", detail, until };
  }
  if (status >= 500) return { ok: false, reason: "away", detail, until: null };
  return { ok: false, reason: "refused", detail: `${status} ${detail}`, until: null };
}

const WITHOUT_WORD_MS = 60_000;

/** How long GitHub wants to be left alone; null where the answer is about something else. */
function waitOf({ status, message, headers }: Failure, nowMs: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const after = retryAfterMsOf(headers["retry-after"], nowMs);
  if (after !== undefined) return after;
  if (headers["x-ratelimit-remaining"] === "0") {
    const reset = Number(headers["x-ratelimit-reset"]) * 1000 - nowMs;
    return Number.isFinite(reset) ? Math.max(reset, 0) : WITHOUT_WORD_MS;
  }
  return status === 429 || /\bsecondary rate\b/iu.test(message) ? WITHOUT_WORD_MS : null;
}
