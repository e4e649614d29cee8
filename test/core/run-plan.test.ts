import { expect, test } from "vitest";
import type { RunFinish } from "#runner/core/action.ts";
import { planRun } from "#runner/core/run-plan.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";
import {
  gateStep,
  goal,
  openRun,
  pipeline,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";

type Parts = Parameters<typeof openRun>[1];

function planOf(of: Pipeline, parts: Parts = {}): ReturnType<typeof planRun> {
  return planRun(runContext(openRun(of, parts)));
}

function endOf(of: Pipeline, parts: Parts = {}): Partial<RunFinish> {
  const [action] = planOf(of, parts).actions;
  return action?.kind === "run-finish" ? action : { reason: JSON.stringify(planOf(of, parts)) };
}

function startedBy(of: Pipeline, parts: Parts = {}): readonly string[] {
  return planOf(of, parts).actions.flatMap((action) =>
    action.kind === "step-start" ? [action.step] : [],
  );
}

test("steps start when what they refer to, or name in needs, is over", () => {
  const of = pipeline([
    step("last", { needs: ["first"] }),
    step("second", { with: { x: "${{ steps.first.outputs.x }}" } }),
    step("first"),
    step("free"),
  ]);

  expect(startedBy(of)).toEqual(["first", "free"]);
  const done = { attempts: [attempt("first", { outputs: { x: 1 } })], values: [{ x: 1 }] };
  expect(startedBy(of, done)).toEqual(["free", "last", "second"]);
});

test("a run is over when every step is", () => {
  expect(
    endOf(pipeline([step("work")]), { attempts: [attempt("work")], values: [{}] }),
  ).toMatchObject({
    result: "succeeded",
    reason: "every step is done",
    goal: null,
  });
});

test("what needs a failed step is skipped, and the run fails", () => {
  const of = pipeline([
    step("find"),
    step("after", { needs: ["find"] }),
    step("last", { needs: ["after"] }),
  ]);
  const failed = attempt("find", { outcome: "auth", reason: "no key", outputs: null });

  expect(endOf(of, { attempts: [failed] })).toMatchObject({
    result: "failed",
    reason: "find: auth: no key",
  });
});

test("a step whose condition is false is skipped, with what needs it", () => {
  const of = pipeline([
    step("find"),
    step("after", { if: "steps.find.outputs.count > 0" }),
    step("last", { needs: ["after"] }),
  ]);
  const none = { attempts: [attempt("find", { outputs: { count: 0 } })], values: [{ count: 0 }] };
  const some = { attempts: [attempt("find", { outputs: { count: 1 } })], values: [{ count: 1 }] };

  expect(endOf(of, none)).toMatchObject({ result: "succeeded" });
  expect(startedBy(of, some)).toEqual(["after"]);
});

test.each([
  ["is missing", "steps.find.outputs.total > 0", { count: 0 }],
  ["is null", "steps.find.outputs.count > 0", { count: null }],
  ["is of another kind", "steps.find.outputs.count > 0", { count: "none" }],
  ["is null and negated", "!(steps.find.outputs.count > 0)", { count: null }],
])(
  "a condition whose operand %s holds the step: neither true nor false",
  (_, condition, outputs) => {
    const of = pipeline([step("find"), step("after", { if: condition })]);

    const plan = planOf(of, { attempts: [attempt("find", { outputs })], values: [outputs] });

    expect(plan.actions).toEqual([]);
    expect(plan.holds).toMatchObject([
      { reason: "expression", subject: "step:chase.aaaaaaaaaaaa/after" },
    ]);
  },
);

test("an input that has no value holds the step", () => {
  const of = pipeline([
    step("find"),
    step("after", { with: { x: "${{ steps.find.outputs.x }}" } }),
  ]);

  const plan = planOf(of, { attempts: [attempt("find")], values: [{}] });

  expect(plan).toMatchObject({ actions: [], holds: [{ reason: "expression" }] });
});

test("a step of an agent that is not there fails the run instead of passing unnoticed", () => {
  const run = openRun(pipeline([step("work", { agent: "ghost@^2" })]));
  const [action] = planRun(runContext({ ...run, agents: new Map() })).actions;

  expect(action).toMatchObject({ kind: "run-finish", result: "failed" });
});

const cursor = { outputs: { cursor: { value: "${{ steps.find.outputs.next }}", initial: "" } } };

test("declared outputs become what the next run sees", () => {
  const of = pipeline([step("find")], cursor);

  expect(
    endOf(of, { attempts: [attempt("find", { outputs: { next: "é" } })], values: [{ next: "é" }] }),
  ).toMatchObject({
    result: "succeeded",
    outputs: { cursor: "é" },
  });
});

test("outputs over 4096 bytes fail the run; bytes count, not characters", () => {
  const of = pipeline([step("find")], cursor);
  const withNext = (next: string): Partial<RunFinish> =>
    endOf(of, { attempts: [attempt("find", { outputs: { next } })], values: [{ next }] });
  const overhead = '{"cursor":""}'.length;

  expect(withNext("x".repeat(4096 - overhead))).toMatchObject({ result: "succeeded" });
  expect(withNext("x".repeat(4097 - overhead))).toMatchObject({ result: "failed" });
  expect(withNext("é".repeat(2042))).toMatchObject({ result: "failed" });
});

test("an output that has no value fails the run instead of losing the cursor", () => {
  const of = pipeline([step("find")], cursor);

  expect(endOf(of, { attempts: [attempt("find")], values: [{}] })).toMatchObject({
    result: "failed",
    outputs: {},
  });
});

test("a failed run hands on what it was given", () => {
  const of = pipeline([step("find")], cursor);
  const failed = attempt("find", { outcome: "auth", outputs: null });

  expect(endOf(of, { record: { previous: { cursor: "7" } }, attempts: [failed] })).toMatchObject({
    result: "failed",
    outputs: { cursor: "7" },
  });
});

test("a rejected gate ends the run as rejected, an expired one too", () => {
  const of = pipeline([
    gateStep("review", { x: "${{ [] }}" }),
    step("send", { needs: ["review"] }),
  ]);
  const decided = (decision: "rejected" | "expired"): Partial<RunFinish> =>
    endOf(of, {
      decisions: [
        {
          run: "",
          step: "review",
          gate: "g",
          decision,
          by: "",
          via: "reject",
          reason: "rude",
          commit: null,
          at: "",
          risk: 0,
          items: [],
          files: {},
        },
      ],
    });

  expect(decided("rejected")).toMatchObject({
    result: "rejected",
    reason: "review: rejected: rude",
  });
  expect(decided("expired")).toMatchObject({
    result: "rejected",
    reason: "review: nobody answered in time",
  });
});

test("the end of a run names the goals that its pipeline serves", () => {
  const run = openRun(pipeline([step("work")]), { attempts: [attempt("work")], values: [{}] });
  const goals = { paid: goal(), other: goal({ pipelines: ["other"] }) };
  const context = runContext(run, { workspace: workspace([project({ manifest: { goals } })]) });

  expect(planRun(context).actions).toMatchObject([{ serves: ["paid"] }]);
});
