import { expect, test } from "vitest";
import { checkpointsFor } from "#runner/core/checkpoint.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { observeTransactions } from "#runner/core/observe-transaction.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { OpenRun } from "#runner/core/model.ts";
import type { AttemptRecord, CheckpointsRecord } from "#runner/schema/types.gen.ts";
import { live, observed, openRun, pipeline, step } from "../support/core-builders.ts";
import { attempt, cite } from "../support/core-records.ts";
import { stepCheckpointed, stepFinished } from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const KEY = digestOf("draft");
const UNIT = { step: "draft", item: null };

function saved(value: unknown, changes: Partial<CheckpointsRecord> = {}): CheckpointsRecord {
  const unit = { run: RUN, ...UNIT, attempt: 1 };
  const savedAt = "2026-11-22T09:01:00.000Z";
  return { ...unit, key: KEY, savedAt, checkpoints: { page: cite(value) }, ...changes };
}

type News = readonly [record: CheckpointsRecord, value: unknown] | AttemptRecord;

/** The run after the news, each as its own transaction. */
function after(...news: readonly News[]): OpenRun {
  const run = openRun(pipeline([step("draft")]));
  const facts = observed([live({ openRuns: [RUN] })], { runs: new Map([[RUN, run]]) });
  const done = news.map((one) =>
    "step" in one
      ? transaction({
          event: stepFinished({ outcome: one.outcome ?? "crashed" }),
          change: { kind: "attempt", attempt: one, receipt: null },
        })
      : {
          ...transaction({
            event: stepCheckpointed(),
            change: { kind: "checkpoints", record: one[0] },
          }),
          values: new Map([[digestOf(one[1]), one[1]]]),
        },
  );
  return observeTransactions(facts, done).runs.get(RUN) ?? run;
}

const crashed = attempt("draft", { outcome: "crashed", outputs: null });

test("the next attempt of a unit begins with what was saved last", () => {
  const run = after([saved(1), 1], [saved(2), 2], crashed);

  expect(checkpointsFor(run, UNIT, KEY)).toEqual(new Map([["page", 2]]));
});

test.each([
  ["another step", { ...UNIT, step: "other" }, KEY],
  ["another item", { ...UNIT, item: "1" }, KEY],
  ["the same step with other inputs", UNIT, digestOf("other")],
])("%s begins with nothing", (_, unit, key) => {
  expect(checkpointsFor(after([saved(1), 1]), unit, key)).toEqual(new Map());
});

test("a value that is not in this clone is left out", () => {
  const run = { ...after([saved(1), 1]), values: new Map() };

  expect(checkpointsFor(run, UNIT, KEY)).toEqual(new Map());
});

test.each(["succeeded", "noop"] as const)("a unit that ended %s has no use for them", (outcome) => {
  expect(after([saved(1), 1], attempt("draft", { outcome })).checkpoints).toEqual([]);
  expect(after([saved(1), 1], attempt("other", { outcome })).checkpoints).toHaveLength(1);
});
