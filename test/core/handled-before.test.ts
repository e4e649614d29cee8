import { expect, test } from "vitest";
import { runId } from "#runner/core/identifier.ts";
import { planRun } from "#runner/core/run-plan.ts";
import type { HandledRecord } from "#runner/schema/types.gen.ts";
import { NOW, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import { ADA, attempt } from "../support/core-records.ts";
import { ask, company, EACH, ended, HANDLE, handled, waiting } from "../support/inbox-company.ts";
import type { Company } from "../support/planned-company.ts";

test.each([
  ["in a run of its own right it has failed", {}, "failed"],
  [
    "in one that tries an earlier run once more it has failed",
    { retryOf: { run: "inbox.cccccccccccc", endedAt: NOW, from: null } },
    "failed",
  ],
])("where another run failed at an item: %s", (_, changes, result) => {
  const run = openRun(pipeline([step("find"), EACH]), {
    record: { pipeline: "inbox", ...changes },
    pipelines: { handle: HANDLE },
    attempts: [attempt("find", { outputs: { items: ["a"] } })],
    values: [{ items: ["a"] }],
  });
  const id = runId(run.record.project, "handle", "item:a");
  const end = { result: "failed" as const, reason: "auth", at: NOW, outputs: {} };
  const unit = { parent: "inbox.dddddddddddd", step: "each", item: "a" };
  const record: HandledRecord = {
    run: id,
    project: run.record.project,
    pipeline: "handle",
    ...unit,
    startedAt: NOW,
    end,
  };
  const context = runContext(run);
  const facts = { ...context.observed, handled: new Map([[id, record]]) };

  expect(planRun({ ...context, observed: facts }).actions).toMatchObject([{ result }]);
});

test("an item that failed is not tried again by the next run, which has failed at it too and says what helps", () => {
  const of = company(["a"], { agents: { work: () => ({ outcome: "auth" }) } });

  ask(of, "inbox");
  ask(of, "inbox");

  const [first, second] = ended(of, "inbox");
  const { run: child, reason } = ended(of, "handle")[0] ?? { run: "", reason: "" };
  expect(handled(of)).toHaveLength(1);
  expect([first?.result, second?.result]).toEqual(["failed", "failed"]);
  expect(second?.reason).toContain(
    `${child} of ${first?.run} failed: ${reason}; fettle retry ${child}   tries it again`,
  );
});

test("an item whose run was cancelled along with the one that handed it over is handled by the next, once", () => {
  const of = company(["a"], { handle: waiting() });
  ask(of, "inbox");
  callOff(
    of,
    [...of.observed.runs.keys()].find((id) => id.startsWith("inbox.")),
  );

  ask(of, "inbox");
  of.approve();
  of.settle();
  ask(of, "inbox");

  const runs = ended(of, "handle");
  expect(runs.map(({ result }) => result)).toEqual(["cancelled", "succeeded"]);
  expect(new Set(runs.map(({ run }) => run)).size).toBe(2);
  expect(ended(of, "inbox").map(({ children }) => children?.[0]?.outcome)).toEqual([
    undefined,
    "succeeded",
    "noop",
  ]);
});

test("an item that a person called off alone is not handed over again by the same run", () => {
  const second = { ...EACH, id: "again" };
  const of = company(["a"], { steps: [step("find"), EACH, second], handle: waiting() });
  ask(of, "inbox");

  callOff(
    of,
    [...of.observed.runs.keys()].find((id) => id.startsWith("handle.")),
  );

  expect(ended(of, "handle").map(({ result }) => result)).toEqual(["cancelled"]);
  expect(ended(of, "inbox").map(({ result }) => result)).toEqual(["failed"]);
});

function callOff(of: Company, run = ""): void {
  const asked = { id: `cancel-${run}`, kind: "cancel" as const, by: ADA, at: of.now };
  of.ask({ ...asked, project: "shop", run, reason: "", keep: true });
  of.settle();
}
