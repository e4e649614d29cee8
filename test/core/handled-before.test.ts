import { expect, test } from "vitest";
import { runId } from "#runner/core/identifier.ts";
import { planRun } from "#runner/core/run-plan.ts";
import type { HandledRecord } from "#runner/schema/types.gen.ts";
import { NOW, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";
import { EACH, HANDLE } from "../support/inbox-company.ts";

test.each([
  ["in a run of its own right it is a noop", {}, "succeeded"],
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
