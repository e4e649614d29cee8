import { expect, test } from "vitest";
import { planRun } from "#runner/core/run-plan.ts";
import type { WaitStep } from "#runner/schema/types.gen.ts";
import { NOW, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import { attempt, decided, waited } from "../support/core-records.ts";

type Parts = Parameters<typeof openRun>[1];

const SENT = "2026-11-22T09:02:00.000Z";
const DONE = { attempts: [attempt("send")], values: [{}] };

function planOf(
  changes: Partial<WaitStep>,
  parts: Parts = DONE,
  now = NOW,
): ReturnType<typeof planRun> {
  const pause: WaitStep = { id: "pause", wait: { for: "3d" }, needs: ["send"], ...changes };
  const of = pipeline([step("send"), pause, step("nudge", { needs: ["pause"] })]);
  return planRun(runContext(openRun(of, parts), { now }));
}

test("a wait counts from the end of what it needs, and is looked at again when it is over", () => {
  const plan = planOf({});

  expect(plan).toMatchObject({
    actions: [],
    holds: [{ reason: "waiting", why: "it waits 3d", until: "2026-11-25T09:02:00.000Z" }],
    wakes: ["2026-11-25T09:02:00.000Z"],
  });
});

test.each([
  ["a millisecond before", "2026-11-25T09:01:59.999Z", []],
  ["at the instant", "2026-11-25T09:02:00.000Z", ["wait-end"]],
  ["long after", "2027-01-01T00:00:00.000Z", ["wait-end"]],
])("%s its time", (_, now, kinds) => {
  const { actions } = planOf({}, DONE, now);

  expect(actions.map(({ kind }) => kind)).toEqual(kinds);
});

test("the last of several needs counts, also one that a person decided", () => {
  const of = pipeline([
    step("send"),
    { id: "review", gate: "May it go on?", show: { sent: "${{ steps.send.outputs }}" } },
    { id: "pause", wait: { for: "1d" }, needs: ["send", "review"] },
  ]);
  const decisions = [decided({ at: "2026-11-22T09:30:00.000Z" })];

  const plan = planRun(runContext(openRun(of, { ...DONE, decisions })));

  expect(plan.holds).toMatchObject([{ until: "2026-11-23T09:30:00.000Z" }]);
});

test("a wait that needs nothing counts from the start of the run, one behind another from its end", () => {
  const of = pipeline([
    { id: "first", wait: { for: "1h" } },
    { id: "second", wait: { for: "1h" }, needs: ["first"] },
  ]);
  const startedAt = "2026-11-22T09:30:00.000Z";
  const waits = [waited("first", { at: "2026-11-22T09:45:00.000Z" })];

  const first = planRun(runContext(openRun(of, { record: { startedAt } })));
  const second = planRun(runContext(openRun(of, { record: { startedAt }, waits })));

  expect(first.holds).toMatchObject([{ until: "2026-11-22T10:30:00.000Z" }]);
  expect(second.holds).toMatchObject([{ until: "2026-11-22T10:45:00.000Z" }]);
});

test("a step without items was over when it could have started", () => {
  const list = { forEach: "${{ steps.send.outputs.people }}", itemKey: "${{ item }}" };
  const of = pipeline([
    step("send"),
    step("each", list),
    { id: "pause", wait: { for: "1d" }, needs: ["each"] },
  ]);
  const outputs = { people: [] };

  const plan = planRun(
    runContext(openRun(of, { attempts: [attempt("send", { outputs })], values: [outputs] })),
  );

  expect(plan.holds).toMatchObject([{ until: "2026-11-23T09:02:00.000Z" }]);
});

const DUE: Parts = { attempts: [attempt("send", { outputs: { dueAt: "2026-11-24" } })] };
const until = { wait: { until: "steps.send.outputs.dueAt" } };

function due(dueAt: unknown): Parts {
  const outputs = { dueAt };
  return { ...DUE, attempts: [attempt("send", { outputs })], values: [outputs] };
}

test.each([
  ["an instant", "2026-11-24T08:00:00Z", "2026-11-24T08:00:00.000Z"],
  ["an instant of another offset", "2026-11-24T08:00:00+01:00", "2026-11-24T07:00:00.000Z"],
  ["a date, its midnight in UTC", "2026-11-24", "2026-11-24T00:00:00.000Z"],
])("until takes %s", (_, dueAt, instant) => {
  expect(planOf(until, due(dueAt)).holds).toMatchObject([{ reason: "waiting", until: instant }]);
});

test("an instant that has passed already ends the wait at once", () => {
  expect(planOf(until, due("2026-11-22T08:00:00Z")).actions).toMatchObject([
    { kind: "wait-end", outcome: "succeeded", since: SENT, until: "2026-11-22T08:00:00.000Z" },
  ]);
});

test.each([
  ["null", null],
  ["a day that does not exist", "2026-02-30"],
  ["other text", "tomorrow"],
  ["a number", 5],
  ["a truth value", true],
])("until that gives %s holds: it neither ends nor passes", (_, dueAt) => {
  const plan = planOf(until, due(dueAt));

  expect(plan).toMatchObject({ actions: [], holds: [{ reason: "expression", until: null }] });
});

test("an until that gives nothing fails at its timeout instead of holding for ever", () => {
  const slow = { ...until, timeout: "1d" };

  expect(planOf(slow, due(null)).holds).toMatchObject([{ until: "2026-11-23T09:02:00.000Z" }]);
  expect(planOf(slow, due(null), "2026-11-23T09:02:00.000Z").actions).toMatchObject([
    { kind: "wait-end", outcome: "timeout", until: null },
  ]);
});

test("of timeout and instant the earlier one counts; at the same moment the instant has come", () => {
  const slow = { ...until, timeout: "1d" };
  const later = planOf(slow, due("2026-11-25"), "2026-11-26T00:00:00.000Z");
  const same = planOf(slow, due("2026-11-23T09:02:00Z"), "2026-11-26T00:00:00.000Z");

  expect(later.actions).toMatchObject([
    { outcome: "timeout", reason: "steps.send.outputs.dueAt did not come within 1d" },
  ]);
  expect(same.actions).toMatchObject([{ outcome: "succeeded" }]);
});

test.each([
  ["succeeded", "step-start"],
  ["timeout", "run-finish"],
] as const)("a wait that is recorded as %s is not waited for again", (outcome, kind) => {
  const plan = planOf({}, { ...DONE, waits: [waited("pause", { outcome })] });

  expect(plan.actions).toMatchObject([{ kind }]);
});

const EARLIER = {
  run: "chase.bbbbbbbbbbbb",
  from: null,
  spec: null,
  children: [],
  params: {},
  hasSameBase: true,
  attempts: [],
  decisions: [],
  waits: [waited("pause", { since: "2026-11-15T09:02:00.000Z" })],
};

test.each([
  ["is over when it was over there", { wait: { for: "3d" } }, EARLIER, "wait-end"],
  [
    "is waited for anew from the step on that was named",
    { wait: { for: "3d" } },
    { ...EARLIER, from: "pause" },
    undefined,
  ],
  [
    "is waited for anew when it was not over there",
    { wait: { for: "3d" } },
    { ...EARLIER, waits: [waited("pause", { outcome: "timeout" as const })] },
    undefined,
  ],
  [
    "until an instant follows that instant",
    { wait: { until: '"2026-11-24"' }, timeout: "5d" },
    EARLIER,
    undefined,
  ],
])("in a further try of a run, a wait %s", (_, changes, earlier, kind) => {
  const pause: WaitStep = { id: "pause", needs: ["send"], ...changes };
  const run = { ...openRun(pipeline([step("send"), pause]), DONE), earlier };

  expect(planRun(runContext(run)).actions.map((action) => action.kind)).toEqual(
    kind === undefined ? [] : [kind],
  );
});

test("what comes after sees when it waited", () => {
  const of = pipeline([
    { id: "pause", wait: { for: "3d" } },
    step("nudge", {
      with: { since: "${{ steps.pause.since }}", how: "${{ steps.pause.outcome }}" },
    }),
  ]);

  const plan = planRun(runContext(openRun(of, { waits: [waited("pause")] })));

  expect(plan.actions).toMatchObject([{ inputs: { since: SENT, how: "succeeded" } }]);
});
