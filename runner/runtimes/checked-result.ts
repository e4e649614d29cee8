/** A result from another machine, held to all that holds for one that was made here. Its content comes from an agent. */
import type { GrantPlan } from "#runner/core/action.ts";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { isDone } from "#runner/core/outcome.ts";
import { redactBytes, redactSecrets, scanSecrets } from "#runner/core/secret-scan.ts";
import type { LaneResult, LaneSpend } from "#runner/schema/types.gen.ts";
import { permittedFiles } from "./harvest.ts";
import type { Invocation, RepositoryFile, Result } from "./invocation.ts";
import { judged } from "./judge.ts";
import { outputCheck } from "./output-check.ts";
import { mostFilesOf } from "./program-verdict.ts";

const LARGEST_CHECKPOINT = 256 * 1024;

/** What the plan and the clock say of it. */
export interface Expected {
  readonly plan: string;
  readonly unit: string;
  /** Digest of what it was given. */
  readonly invocation: string;
  readonly plannedAt: string;
  readonly now: string;
}

export interface Saying {
  readonly said: LaneResult;
  /** Content by digest. */
  readonly read: (digest: string) => Uint8Array | undefined;
}

export type CheckedResult =
  | { readonly ok: true; readonly result: Result; readonly checkpoints: Checkpoints }
  | { readonly ok: false; readonly reason: string };

export function checkedResult(
  invocation: Invocation,
  saying: Saying,
  expected: Expected,
): CheckedResult {
  const { said } = saying;
  const wrong = foreign(said, expected) ?? overspent(invocation, said) ?? unasked(invocation, said);
  if (wrong !== undefined) return { ok: false, reason: wrong };
  const files = filesOf(invocation, saying);
  if (typeof files === "string") return { ok: false, reason: files };
  const calls = callsOf(saying);
  if (calls.length < (said.calls ?? []).length) {
    return { ok: false, reason: "a request that it made is missing" };
  }
  const during = duringOf(said, expected);
  const result = resultOf(said, { files, during, ...(calls.length === 0 ? {} : { calls }) });
  const check = outputCheck(invocation.agent.manifest, invocation.schemas);
  if (typeof check === "string") return { ok: false, reason: check };
  const verdict = judged(result, { invocation, check });
  if (verdict.outcome !== result.outcome) return { ok: false, reason: verdict.reason };
  return { ok: true, result, checkpoints: checkpointsOf(said) };
}

/** It must be of this plan, of this unit, and come of what the plan gave it. */
function foreign(said: LaneResult, { plan, unit, invocation }: Expected): string | undefined {
  if (said.plan !== plan) return "it is of another plan";
  if (said.unit !== unit) return "it is of another step";
  return said.invocation === invocation ? undefined : "it came of something else than was planned";
}

/** The gateway lets nothing above the grant through: who says that more was spent is not the gateway. */
function overspent({ grant }: Invocation, { spend, calls }: LaneResult): string | undefined {
  if (spend === undefined && calls === undefined) return undefined;
  if (grant === undefined) return "it says that it spent something, and nothing was granted";
  const paid = (calls ?? []).reduce((sum, call) => sum + call.micros, 0);
  if (paid > (spend?.micros ?? 0)) return "its requests cost more than it says that it spent";
  return spend !== undefined && isAbove(spend, grant)
    ? "it says that more was spent than was granted"
    : undefined;
}

function isAbove(spend: LaneSpend, { micros, tokens, requests }: GrantPlan): boolean {
  return (
    spend.micros > micros ||
    spend.tokens > (tokens ?? Infinity) ||
    spend.requests > (requests ?? Infinity)
  );
}

/** What no execution here would give. */
function unasked({ effectKey }: Invocation, said: LaneResult): string | undefined {
  if (said.outcome === "cancelled") return "it was cut off";
  if (said.receipt !== undefined && effectKey === undefined) {
    return "it brings a receipt, and its step has no effect";
  }
  const isEmpty = said.outputs === null && said.files.length === 0 && said.memory.length === 0;
  return isDone(said.outcome) || isEmpty
    ? undefined
    : "it failed, and brings something all the same";
}

function filesOf(
  { agent, files: seen, writes }: Invocation,
  { said, read }: Saying,
): readonly RepositoryFile[] | string {
  const files: RepositoryFile[] = [];
  for (const { path, content: digest } of said.files) {
    const content = read(digest);
    if (content === undefined) return "the content of a file that it made is missing";
    files.push({ path, content, executable: false });
  }
  const permitted = permittedFiles(files, { seen, writes, mostFiles: mostFilesOf(agent) });
  return permitted.ok ? permitted.files : permitted.reason;
}

/** Those whose content is there. */
function callsOf({ said, read }: Saying): NonNullable<Result["calls"]> {
  return (said.calls ?? []).flatMap((call) => {
    const [request, response] = [read(call.request.digest), read(call.response.digest)];
    if (request === undefined || response === undefined) return [];
    return [{ ...call, request: redactBytes(request, {}), response: redactBytes(response, {}) }];
  });
}

/** Its clock is not ours: it cannot have begun before it was planned, nor ended after now. */
export function duringOf(
  { startedAt, finishedAt }: Pick<LaneResult, "startedAt" | "finishedAt">,
  { plannedAt, now }: Pick<Expected, "plannedAt" | "now">,
): NonNullable<Result["during"]> {
  const within = (at: string): string => (at < plannedAt ? plannedAt : at > now ? now : at);
  const began = within(startedAt);
  const ended = within(finishedAt);
  return { startedAt: began, finishedAt: ended < began ? began : ended };
}

/** By its form: the values are known only where it was made. */
function clean(text: string): string {
  return redactSecrets(text, {});
}

function resultOf(
  { reason, rationale, log, ...said }: LaneResult,
  checked: Pick<Result, "files" | "calls" | "during">,
): Result {
  const { outcome, outputs, memory, rung, ms, started } = said;
  const texts = { reason: clean(reason), rationale: clean(rationale), log: clean(log) };
  return { outcome, outputs, memory, rung, ms, started, ...texts, ...optionalOf(said), ...checked };
}

function optionalOf(said: Partial<LaneResult>): Partial<Result> {
  const { receipt, degraded, model, spend, prices, retryAfterMs } = said;
  return {
    ...(receipt === undefined ? {} : { receipt }),
    ...(degraded === undefined ? {} : { degraded: clean(degraded) }),
    ...(model === undefined ? {} : { model }),
    ...(spend === undefined ? {} : { spend }),
    ...(prices === undefined ? {} : { prices }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** What is too large, or may hold a secret, is left behind. */
function checkpointsOf({ checkpoints }: LaneResult): Checkpoints {
  const kept = Object.entries(checkpoints).filter(([name, value]) => {
    const text = JSON.stringify(value);
    return text.length <= LARGEST_CHECKPOINT && scanSecrets(`${name} ${text}`, {}).length === 0;
  });
  return new Map(kept);
}
