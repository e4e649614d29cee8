import { expect, test } from "vitest";
import { cachedResult, whyUncachable } from "#runner/core/cached-result.ts";
import { planUnit } from "#runner/core/unit-plan.ts";
import { cachedPath } from "#runner/core/state-path.ts";
import { unitKey } from "#runner/core/parallel.ts";
import type { Cached } from "#runner/core/model.ts";
import type { Agent, AttemptRecord } from "#runner/schema/types.gen.ts";
import { agent, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

const STEP = step("work", { cache: true });

test("a result is kept for others under its step key", () => {
  const made = attempt("work", { outputs: { text: "hi" } });

  expect(cachedResult(STEP, made)).toMatchObject({
    key: made.key,
    run: made.run,
    step: "work",
    outputs: made.outputs,
  });
});

test.each<[string, Partial<AttemptRecord>]>([
  ["failed", { outcome: "auth" }],
  ["had nothing to do", { outcome: "noop" }],
  ["was taken over itself", { keptFrom: { run: "r", attempt: 1 } }],
  ["came from a lower rung", { degraded: "no key" }],
  ["gave nothing", { outputs: null }],
])("a result that %s is not kept", (_, changes) => {
  expect(cachedResult(STEP, { ...attempt("work", { outputs: {} }), ...changes })).toBeNull();
});

test("a step that does not ask for it keeps nothing", () => {
  expect(cachedResult(step("work"), attempt("work", { outputs: {} }))).toBeNull();
});

test.each<[Partial<Agent>, string | null]>([
  [{}, null],
  [{ reads: ["**"], memory: { recall: "tone" } }, null],
  [{ effects: "external" }, "acts on the outside world"],
  [{ writes: ["notes/**"] }, "writes files"],
  [{ memory: { writes: ["fact"] } }, "writes memory"],
  [{ history: ["commits"] }, "looks at the history"],
])("%j: %s", (changes, why) => {
  expect(whyUncachable(agent("work", changes).manifest)).toBe(why);
});

test("keys that begin alike share a place", () => {
  expect(cachedPath(`sha256:abcd${"0".repeat(60)}`)).toBe("cache/ab/cd.json");
});

const RUN = openRun(pipeline([STEP]));
const UNIT = { step: STEP, agent: agent("work"), item: null, scope: {} };

function planned(
  cached: Cached | null | undefined,
  attempts: readonly AttemptRecord[] = [],
): ReturnType<typeof planUnit> {
  const context = runContext({ ...RUN, attempts });
  const unit = unitKey({ run: RUN.record.id, step: "work", item: null });
  const known = new Map(cached === undefined ? [] : [[unit, cached]]);
  return planUnit({ ...context, observed: { ...context.observed, cached: known } }, UNIT);
}

test("whether a result stands there is asked before the step starts", () => {
  expect(planned(undefined)).toMatchObject({
    actions: [],
    wants: [
      { kind: "cached", run: RUN.record.id, step: "work", item: null, agent: "work", inputs: {} },
    ],
  });
});

test("where there is none the step starts", () => {
  expect(planned(null).actions).toMatchObject([{ kind: "step-start" }]);
});

test("where there is one it is taken over", () => {
  const record = cachedResult(STEP, attempt("work", { outputs: { text: "hi" } }));
  if (record === null) throw new Error("it is not kept");

  expect(planned({ record, outputs: { text: "hi" } }).actions).toMatchObject([
    { kind: "step-adopt", outcome: "succeeded", cached: { outputs: { text: "hi" } } },
  ]);
});

test("a further attempt is made, whatever stands there", () => {
  const failed = attempt("work", { outcome: "crashed", retryAt: "2026-11-22T09:00:00.000Z" });

  expect(planned(undefined, [failed]).actions).toMatchObject([{ kind: "step-start", attempt: 2 }]);
});
