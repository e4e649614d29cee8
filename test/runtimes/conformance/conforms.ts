/**
 * Every runtime that asks models passes one table, through the gateway as it is.
 *
 * A runtime joins with a file of its own beside this one: it says how an agent of it is made (`Contender`) and calls
 * `conforms`. A scenario that it cannot have stands in `lacks` with the reason, one that ends otherwise in `differs`;
 * what is settled, that no key is seen, and that nothing is asked twice behind the runner's back is the same for all.
 */
import { expect, onTestFinished, test } from "vitest";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import { execute } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Agent, ModelSettings } from "#runner/schema/types.gen.ts";
import { type Provider, serveProvider } from "../../support/provider/provider.ts";
import { file, invocation, manifest, options } from "../invocation-builder.ts";
import { type Expected, type Scenario, SCENARIOS, SECRET } from "./scenario.ts";

export interface Contender {
  readonly name: string;
  readonly provider: ModelSettings["provider"];
  /** As the provider knows it. */
  readonly model: string;
  /** An agent that puts `inputs.prompt` to the model `main`, with at most 1,000 tokens of answer. */
  readonly agent: (scenario: Scenario) => Partial<Agent>;
  /** In its folder. */
  readonly files?: Readonly<Record<string, string>>;
  /** The search path, where it is a program that is not installed. */
  readonly programPath?: () => string;
  /** Why it cannot have a scenario, by name. */
  readonly lacks?: Readonly<Record<string, string>>;
  /** What ends otherwise, by name of the scenario. */
  readonly differs?: Readonly<Record<string, Partial<Expected>>>;
}

const KEY = "sk-real-0123456789";
const LONGEST_MS = 20_000;

export function conforms(contender: Contender): void {
  const { name: runtime, lacks = {}, differs = {} } = contender;
  const played = SCENARIOS.filter(({ name }) => !Object.hasOwn(lacks, name));

  test.each(played)(`${runtime}: $name`, async (scenario) => {
    const expected = { ...scenario.expected, ...differs[scenario.name] };
    const models = scenario.isUnknown === true ? ["another"] : [contender.model];
    const provider = await serveProvider({ key: KEY, models });
    onTestFinished(() => provider.close());
    provider.play(...scenario.scenes);

    const result = await play(contender, scenario, provider);

    check(result, expected);
    expect(provider.asked).toHaveLength(expected.asked ?? 1);
    checkSpend(result, expected.spend);
    checkSecrecy(result);
  });

  test(`${runtime}: what it lacks and where it differs are scenarios of the table`, () => {
    const names = SCENARIOS.map(({ name }) => name);

    expect(names).toEqual(expect.arrayContaining([...Object.keys(lacks), ...Object.keys(differs)]));
    expect(played.length).toBeGreaterThanOrEqual(25);
  });
}

async function play(contender: Contender, scenario: Scenario, provider: Provider): Promise<Result> {
  const { attempts = 1, isCancelled = false } = scenario;
  const programPath = contender.programPath?.();
  let checkpoints: Checkpoints = new Map();
  for (let attempt = 1; ; attempt += 1) {
    const stop = new AbortController();
    const running = execute(
      invocationOf(contender, scenario, { provider, attempt, checkpoints }),
      options({
        signal: stop.signal,
        save: (saved) => (checkpoints = saved),
        ...(programPath === undefined ? {} : { programPath }),
      }),
    );
    if (isCancelled) {
      await provider.reached(1);
      stop.abort();
    }
    const result = await running;
    if (attempt === attempts) return result;
  }
}

interface Attempt {
  readonly provider: Provider;
  readonly attempt: number;
  readonly checkpoints: Checkpoints;
}

function invocationOf(
  contender: Contender,
  scenario: Scenario,
  { provider: { url }, attempt, checkpoints }: Attempt,
): Invocation {
  const { provider, model, files = {} } = contender;
  const { micros = 1_000_000, timeoutMs = LONGEST_MS } = scenario;
  const agent = contender.agent(scenario);
  const { outputs = manifest.outputs } = scenario;
  const limits = { usd: 1, wall: "1m", ...scenario.limits };
  const baseUrl = provider.startsWith("openai") ? `${url}/v1` : url;
  const price = { input: 1, output: 10 };
  return invocation(
    { ...agent, outputs, limits },
    {
      attempt,
      checkpoints,
      timeoutMs,
      files: Object.entries(files).map(([name, text]) => file(`agents/tester/${name}`, text)),
      inputs: { prompt: "Say yes." },
      secrets: { MODEL_KEY: KEY, OTHER: SECRET },
      models: { main: { provider, model, baseUrl, price, key: "MODEL_KEY" } },
      grant: { micros, tokens: null, requests: scenario.limits?.requests ?? null, ms: 0 },
    },
  );
}

function check(result: Result, { outcome, outputs, reason, retryAfterMs }: Expected): void {
  expect(result).toMatchObject({ outcome, outputs: outputs ?? null });
  expect(result.reason).toMatch(outcome === "succeeded" ? /^$/u : (reason ?? /./u));
  expect(result.retryAfterMs).toBe(retryAfterMs);
}

const BASES = { counted: ["metered"], estimated: ["estimated"], none: [] };

function checkSpend({ spend, calls = [] }: Result, expected: Expected["spend"] = "none"): void {
  const paid = calls.filter(({ micros }) => micros > 0);
  const micros = paid.reduce((sum, call) => sum + call.micros, 0);
  expect([...new Set(paid.map(({ basis }) => basis))]).toEqual(BASES[expected]);
  expect(spend?.micros ?? 0).toBe(micros);
  expect(micros).toBeLessThanOrEqual(1_000_000);
}

/** Neither the key nor a secret stands in anything that is kept. */
function checkSecrecy({ calls = [], ...result }: Result): void {
  const exchanged = calls.map(({ request, response }) => Buffer.concat([request, response]));
  const kept = [JSON.stringify(result), ...exchanged.map(String)].join("\n");
  expect(kept).not.toContain(KEY);
  expect(kept).not.toContain(SECRET);
}
