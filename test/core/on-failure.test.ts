import { expect, test } from "vitest";
import { planCancel } from "#runner/core/cancel.ts";
import { planRun } from "#runner/core/run-plan.ts";
import type { AttemptRecord, Pipeline, Step } from "#runner/schema/types.gen.ts";
import { agent, gateStep, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import { attempt, decided, waited } from "../support/core-records.ts";

type Parts = Parameters<typeof openRun>[1];

const TELL = step("tell", {
  with: { what: "${{ failure.step }}/${{ failure.outcome }}: ${{ failure.reason }}" },
});

function failing(steps: readonly Step[], onFailure: readonly Step[] = [TELL]): Pipeline {
  const [first = TELL, ...rest] = onFailure;
  return pipeline(steps, { onFailure: [first, ...rest] });
}

function planOf(of: Pipeline, parts: Parts = {}): ReturnType<typeof planRun> {
  const agents = openRun(pipeline([...of.steps, ...(of.onFailure ?? [])])).agents;
  return planRun(runContext({ ...openRun(of, parts), agents }));
}

function failedAttempt(of: string, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return attempt(of, { outcome: "auth", reason: "no key", ...changes, outputs: null });
}

test("onFailure begins when the run has failed, and sees why", () => {
  const plan = planOf(failing([step("find")]), { attempts: [failedAttempt("find")] });

  expect(plan.actions).toMatchObject([
    {
      kind: "step-start",
      step: "tell",
      because: "the run has failed: find: auth: no key",
      inputs: { what: "find/auth: auth: no key" },
    },
  ]);
});

test("steps that go on beside the failed one come to their end first", () => {
  const of = failing([step("find"), step("other")]);

  const plan = planOf(of, { attempts: [failedAttempt("find")] });

  expect(plan.actions).toMatchObject([{ kind: "step-start", step: "other" }]);
});

test("the run ends failed once it is over, also when what ran afterwards succeeded", () => {
  const attempts = [failedAttempt("find"), attempt("tell")];

  const plan = planOf(failing([step("find")]), { attempts, values: [{}] });

  expect(plan.actions).toMatchObject([
    { kind: "run-finish", result: "failed", reason: "find: auth: no key" },
  ]);
});

test("a failure of onFailure is named beside the first one, and starts nothing more", () => {
  const attempts = [failedAttempt("find"), failedAttempt("tell", { reason: "no mailbox" })];

  const plan = planOf(failing([step("find")]), { attempts });

  expect(plan.actions).toMatchObject([
    {
      kind: "run-finish",
      result: "failed",
      reason: "find: auth: no key; onFailure tell: auth: no mailbox",
    },
  ]);
});

const review = gateStep("review", { found: "${{ steps.find.outputs }}" });

test.each<[string, readonly Step[], Parts]>([
  ["succeeded", [step("find")], { attempts: [attempt("find")], values: [{}] }],
  [
    "was rejected at its gate",
    [step("find"), review],
    {
      attempts: [attempt("find")],
      values: [{}],
      decisions: [decided({ decision: "rejected", at: "2026-11-22T09:30:00.000Z" })],
    },
  ],
])("a run that %s runs no onFailure steps", (_, steps, parts) => {
  expect(planOf(failing(steps), parts).actions).toMatchObject([{ kind: "run-finish" }]);
});

test("a list whose items failed counts as a failure only where it fails the run", () => {
  const items = { forEach: '${{ ["a", "b"] }}', itemKey: "${{ item }}" };
  const attempts = [
    failedAttempt("each", { item: "a" }),
    attempt("each", { item: "b", startedAt: "2026-11-22T09:02:00.000Z" }),
  ];
  const degraded = failing([step("each", items)]);
  const failed = failing([step("each", { ...items, onItemFailure: "fail" })]);

  expect(planOf(degraded, { attempts, values: [{}] }).actions).toMatchObject([
    { kind: "run-finish", result: "degraded" },
  ]);
  expect(planOf(failed, { attempts, values: [{}] }).actions).toMatchObject([
    { kind: "step-start", inputs: { what: "each/auth: item a failed: auth no key" } },
  ]);
});

test("a wait that took too long and outputs that have no value are failures, too", () => {
  const pause: Step = { id: "pause", wait: { until: "run.asOf" }, timeout: "1d" };
  const waits = [waited("pause", { outcome: "timeout", reason: "it did not come" })];
  const outputs = { cursor: { value: "${{ steps.find.outputs.x }}", initial: "" } };
  const broken = { ...failing([step("find")]), outputs };

  expect(planOf(failing([pause]), { waits }).actions).toMatchObject([
    { inputs: { what: "pause/timeout: timeout: it did not come" } },
  ]);
  expect(planOf(broken, { attempts: [attempt("find")], values: [{}] }).actions).toMatchObject([
    { step: "tell", inputs: { what: expect.stringMatching(/^\/failed: output cursor: /) } },
  ]);
});

test("it may name the step that failed, and those that were skipped for it", () => {
  const tell = step("tell", {
    needs: ["find"],
    with: { how: '${{ steps.after.outcome + " after " + steps.find.outcome }}' },
  });
  const of = failing([step("find"), step("after", { needs: ["find"] })], [tell]);

  const plan = planOf(of, { attempts: [failedAttempt("find")] });

  expect(plan.actions).toMatchObject([{ inputs: { how: "skipped after auth" } }]);
});

test("in a further try that fails again, it is told again", () => {
  const of = failing([step("find")], [step("tell")]);
  const before = {
    run: "chase.bbbbbbbbbbbb",
    from: null,
    spec: null,
    children: [],
    params: {},
    hasSameBase: true,
    decisions: [],
    waits: [],
  };
  const run = openRun(of, { attempts: [failedAttempt("find")], agents: [agent("tell")] });
  const told = attempt("tell", { agentTree: agent("tell").tree });

  const plan = planRun(runContext({ ...run, earlier: { ...before, attempts: [told] } }));

  expect(plan.actions).toMatchObject([{ kind: "step-start", step: "tell" }]);
});

test("of the onFailure steps, what needs one that failed is skipped", () => {
  const of = failing([step("find")], [TELL, step("more", { needs: ["tell"] })]);

  const plan = planOf(of, { attempts: [failedAttempt("find"), failedAttempt("tell")] });

  expect(plan.actions).toMatchObject([{ kind: "run-finish", result: "failed" }]);
});

test("a run that is called off after its failure starts none of them", () => {
  const of = failing([step("find")]);
  const run = openRun(of, { attempts: [failedAttempt("find")] });

  const plan = planCancel(runContext(run), "Ada cancelled it");

  expect(plan.actions).toMatchObject([{ kind: "run-cancel", result: "cancelled" }]);
});

test("a wait in onFailure counts from the failure", () => {
  const pause: Step = { id: "pause", wait: { for: "1h" }, needs: ["find"] };
  const of = failing([step("find")], [pause]);

  const plan = planOf(of, { attempts: [failedAttempt("find")] });

  expect(plan.holds).toMatchObject([{ reason: "waiting", until: "2026-11-22T10:02:00.000Z" }]);
});
