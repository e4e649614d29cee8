/** The one way in which a step of an agent is executed. */
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { effectOutcome, isDone, stepsDown } from "#runner/core/outcome.ts";
import { isRetryable } from "#runner/core/retry.ts";
import { redactBytes, redactSecrets } from "#runner/core/secret-scan.ts";
import type { Rung } from "#runner/schema/types.gen.ts";
import { type CommandSite, runCommand } from "./command.ts";
import type { Invocation, Result } from "./invocation.ts";
import { judged } from "./judge.ts";
import { AttemptDoor } from "./attempt-door.ts";
import type { DoorAsked, DoorOpened, OpenDoor, Toll } from "./model-door.ts";
import { outputCheck } from "./output-check.ts";
import { failed, type RungCall, type RungResult } from "./rung-result.ts";

export interface ExecuteOptions extends CommandSite {
  readonly signal: AbortSignal;
  /** Told all checkpoints whenever the agent has saved one; without it they are lost. */
  readonly save?: (checkpoints: Checkpoints) => void;
  /** Told what requests to models have taken and hold, before each of them is sent. */
  readonly hold?: DoorAsked["hold"];
  /** Without it no model can be asked. */
  readonly openDoor?: OpenDoor;
  /** Calls no function behind an address. */
  readonly isOffline?: boolean;
  /** Tries only the rung of this name: `command`, `model:<name>`, `<coding agent>:<model>`, `http`, `container` or `template`. */
  readonly onlyRung?: string;
}

interface Try {
  readonly rung: string;
  readonly result: RungResult;
}

const LOG_BYTES = 8 * 1024;
/** A timer set further ahead fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const LONGEST_RATIONALE = 500;

/**
 * Walks the ladder of the agent until a rung gives valid outputs, and says how it ended; an agent never makes it throw.
 * Holds no git credentials and changes nothing outside its own folder: the caller records and commits.
 */
export async function execute(invocation: Invocation, options: ExecuteOptions): Promise<Result> {
  const start = performance.now();
  const { manifest } = invocation.agent;
  const wallMs = Math.min(durationMs(manifest.limits.wall), invocation.timeoutMs);
  const check = outputCheck(manifest, invocation.schemas);
  const remainingMs = (): number =>
    Math.min(Math.round(wallMs - (performance.now() - start)), LONGEST_TIMER);
  const { signal, openDoor = noDoor, hold = () => {} } = options;
  const door = new AttemptDoor(invocation, { open: openDoor, signal, remainingMs, hold });
  const site = { check, remainingMs, door, signal, save: options.save ?? ((): void => {}) };
  try {
    const tries = await walk(invocation, options, site);
    const toll = await door.close();
    const ms = Math.round(performance.now() - start);
    return { ...summary(tries, invocation, ms), ...tollPart(toll, invocation) };
  } finally {
    // A bug on the way leaves no door open.
    await door.close();
  }
}

type Site = Omit<RungCall, "invocation" | "check"> & { readonly check: RungCall["check"] | string };

/** Down the ladder to the first rung that gives a result, or that ends it. */
async function walk(
  invocation: Invocation,
  options: ExecuteOptions,
  { check, ...site }: Site,
): Promise<readonly Try[]> {
  const tries: Try[] = [];
  for (const { name, rung } of ladder(invocation, options.onlyRung)) {
    const result =
      typeof check === "string"
        ? failed("schema-invalid", `the agent's schema of outputs: ${check}`)
        : await tryRung(rung, options, { ...site, invocation, check });
    tries.push({ rung: name, result });
    if (isLast(result, invocation)) break;
  }
  return tries;
}

function noDoor(): Promise<DoorOpened> {
  return Promise.resolve({
    ok: false,
    outcome: "missing-tool",
    reason: "no model can be asked here",
  });
}

/** What was said to models and what they said is kept, without the secrets that the runner knows. */
function tollPart(toll: Toll | null, { secrets }: Invocation): Partial<Result> {
  if (toll === null) return {};
  const clean = (bytes: Uint8Array): Uint8Array => redactBytes(bytes, secrets);
  const calls = toll.calls.map((call) => ({
    ...call,
    request: clean(call.request),
    response: clean(call.response),
  }));
  return { spend: toll.spend, calls, prices: toll.prices };
}

/** After a program ran for an external effect, the next rung might do it a second time. */
function isLast({ outcome, started }: RungResult, { effectKey }: Invocation): boolean {
  return !stepsDown(outcome) || (started && effectKey !== undefined);
}

interface NamedRung {
  readonly name: string;
  readonly rung: Rung;
}

function wholeLadder({ agent }: Invocation): readonly NamedRung[] {
  const { fallback = [], ...first } = agent.manifest.runtime;
  return [first, ...fallback].map((rung) => ({ name: nameOf(rung), rung }));
}

function ladder(invocation: Invocation, only: string | undefined): readonly NamedRung[] {
  const rungs = wholeLadder(invocation).slice(invocation.ladder?.from ?? 0);
  return rungs.filter(({ name }) => only === undefined || name === only);
}

/** Rungs that are passed over, with the reason. */
function passedOver(invocation: Invocation): readonly Try[] {
  const { from = 0, why = "" } = invocation.ladder ?? {};
  return wholeLadder(invocation)
    .slice(0, from)
    .map(({ name }) => ({ rung: name, result: failed("budget-exhausted", `passed over: ${why}`) }));
}

function nameOf(rung: Rung): string {
  if ("command" in rung) return "command";
  if ("template" in rung) return "template";
  if ("http" in rung) return "http";
  if ("container" in rung) return "container";
  return "codingAgent" in rung ? `${rung.codingAgent}:${rung.model}` : `model:${rung.model}`;
}

async function tryRung(rung: Rung, site: ExecuteOptions, call: RungCall): Promise<RungResult> {
  if (call.signal.aborted) return failed("cancelled", "it was stopped");
  return judged(await runRung(rung, site, call), call);
}

async function runRung(rung: Rung, site: ExecuteOptions, call: RungCall): Promise<RungResult> {
  // A template takes no time worth counting, and is wanted most when the rungs above it took it all.
  if ("template" in rung) return (await import("./template.ts")).runTemplate(rung, call);
  if (call.remainingMs() <= 0) return failed("timeout", "no time was left");
  if ("command" in rung) return runCommand(rung, call, site);
  if ("codingAgent" in rung) {
    return (await import("./coding-agent.ts")).runCodingAgent(rung, call, site);
  }
  if ("http" in rung) {
    if (site.isOffline === true) return failed("missing-tool", "no function is called here");
    return (await import("./http.ts")).runHttp(rung, call);
  }
  if ("container" in rung) return (await import("./container.ts")).runContainer(rung, call, site);
  return (await import("./model.ts")).runModel(rung, call, site);
}

function summary(tries: readonly Try[], invocation: Invocation, ms: number): Result {
  const last = tries.at(-1) ?? {
    rung: "none",
    result: failed("missing-tool", "the agent has no such rung"),
  };
  const said = last.result;
  const isGood = isDone(said.outcome);
  const clean = (text: string): string => redactSecrets(text, invocation.secrets);
  const above = [...passedOver(invocation), ...tries.slice(0, -1)];
  return {
    ...said,
    ...(!isGood && { ...failureOf(tries, invocation), outputs: null, files: [], memory: [] }),
    reason: clean(
      isGood || above.length === 0 ? said.reason : reasonsOf([...above, ...tries.slice(-1)]),
    ),
    rationale: clean(said.rationale).slice(0, LONGEST_RATIONALE),
    log: tail(clean(said.log)),
    rung: last.rung,
    ...(isGood && above.length > 0 && { degraded: clean(reasonsOf(above)) }),
    started: tries.some(({ result }) => result.started),
    ms,
  };
}

/** Of several failures the first that may pass: trying again is worth while then. */
function failureOf(tries: readonly Try[], { agent, effectKey }: Invocation): Partial<Result> {
  const results = tries.map(({ result }) => result);
  const last = results.at(-1);
  if (last === undefined) return {};
  const isOver = !stepsDown(last.outcome);
  const { outcome, retryAfterMs } =
    (isOver ? last : results.find((result) => isRetryable(result.outcome))) ?? last;
  const mayHaveHappened = effectKey !== undefined && results.some(({ started }) => started);
  return {
    outcome: mayHaveHappened
      ? effectOutcome(outcome, agent.manifest.idempotency ?? "none")
      : outcome,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function reasonsOf(tries: readonly Try[]): string {
  return tries.map(({ rung, result }) => `${rung.replace(":", " ")}: ${result.reason}`).join("; ");
}

function tail(text: string): string {
  return Buffer.from(text)
    .subarray(-LOG_BYTES)
    .toString()
    .replace(/^\uFFFD+/, "");
}
