import { expect, test } from "vitest";
import { anewSlot, isSaid, leadsOf } from "#runner/core/clock-lead.ts";
import { foldEvents } from "#runner/core/fold/fold.ts";
import type { Summaries } from "#runner/core/model.ts";
import { live, observed, pipelineState } from "../support/core-builders.ts";

const PRESENT = { at: "2026-11-30T12:00:00.000Z", day: "2026-11-30" };
const SOON = "2026-11-30T12:59:00.000Z";
const LATER = "2027-07-01T08:00:00.000Z";
const AMOUNT = { micros: 5, tokens: 4, requests: 3, ms: 2 };
const TWICE = { micros: 10, tokens: 8, requests: 6, ms: 4 };

function rightened(summaries: Summaries): Summaries {
  return foldEvents(summaries, [{ kind: "clock-set-right", project: "", ...PRESENT }]);
}

const GOAL = { value: 1, met: true, unmetRuns: 0 };
const AHEAD = live({
  applied: { commit: "a".repeat(40), tree: "d1", at: LATER },
  stalled: { commit: "a".repeat(40), reason: "no", since: LATER },
  pipelines: {
    chase: pipelineState({
      lastDue: LATER,
      lastRun: { id: "chase.1", result: "succeeded", endedAt: LATER },
      hour: { hour: "2027-07-01T08", runs: 3 },
    }),
    calm: pipelineState({ lastDue: SOON, previous: { at: LATER } }),
  },
  goals: {
    paid: { ...GOAL, measuredAt: LATER, lastRunEndedAt: LATER, history: [{ at: LATER, value: 1 }] },
    calm: { ...GOAL, measuredAt: SOON, lastRunEndedAt: null, history: [] },
  },
  spend: { "2026-11": 1, "2027-07": 2 },
  uncertain: [
    {
      base: `sha256:${"0".repeat(64)}`,
      ordinal: 1,
      onceKey: "mail/ann",
      agent: "mailer",
      run: "chase.1",
      step: "send",
      item: null,
      since: LATER,
      reason: "lost",
    },
  ],
});

test("all of a project that lies in the future is taken back to now, and only that", () => {
  const after = rightened(observed([AHEAD]).summaries).projects.get("shop");

  const { at } = PRESENT;
  expect(after).toEqual({
    ...AHEAD,
    applied: { ...AHEAD.applied, at },
    stalled: { ...AHEAD.stalled, since: at },
    pipelines: {
      chase: {
        ...AHEAD.pipelines["chase"],
        lastDue: at,
        anew: at,
        lastRun: { id: "chase.1", result: "succeeded", endedAt: at },
        hour: { hour: "2026-11-30T12", runs: 3 },
      },
      calm: AHEAD.pipelines["calm"],
    },
    goals: {
      paid: { ...GOAL, measuredAt: at, anew: at, lastRunEndedAt: at, history: [{ at, value: 1 }] },
      calm: AHEAD.goals["calm"],
    },
    spend: { "2026-11": 3 },
    uncertain: [{ ...AHEAD.uncertain?.[0], since: at }],
  });
});

test("what counts for limits and budgets counts today", () => {
  const { summaries } = observed([]);
  const units = { "shop/chase/writer": AMOUNT };
  const grant = {
    grant: "g1",
    unit: "shop/chase/writer",
    run: "chase.1",
    step: "write",
    item: null,
    attempt: 1,
    day: "2027-07-01",
    amount: AMOUNT,
  };
  const money = {
    grants: [grant],
    days: { "2026-11-30": units, "2027-07-01": { ...units, other: AMOUNT } },
    totals: units,
    runs: {},
    models: { "2027-07-01": { "anthropic/large": AMOUNT } },
    accepted: {
      "2026-11-30": { shop: { approved: 1, delivered: 0 } },
      "2027-07-01": { shop: { approved: 1, delivered: 2 } },
    },
  };
  const workspace = {
    ...summaries.workspace,
    effects: { mailer: ["2026-11-29T12:00:00.000Z", LATER] },
    effectSums: { mailer: { EUR: [{ at: LATER, micros: 7 }] } },
    gatesOpened: [LATER],
    money,
  };

  const after = rightened({ ...summaries, workspace }).workspace;

  const { at, day } = PRESENT;
  expect(after).toEqual({
    ...workspace,
    effects: { mailer: ["2026-11-29T12:00:00.000Z", at] },
    effectSums: { mailer: { EUR: [{ at, micros: 7 }] } },
    gatesOpened: [at],
    money: {
      ...money,
      grants: [{ ...grant, day }],
      days: { [day]: { "shop/chase/writer": TWICE, other: AMOUNT } },
      models: { [day]: { "anthropic/large": AMOUNT } },
      accepted: { [day]: { shop: { approved: 2, delivered: 2 } } },
    },
  });
});

test("a clock that is ahead by less than an hour, and a day by one, is nobody's concern, and nothing is copied", () => {
  const calm = live({
    pipelines: { chase: pipelineState({ lastDue: SOON }) },
    spend: { "2026-12": 1 },
  });
  const { summaries } = observed([calm]);

  expect(leadsOf(summaries, PRESENT)).toEqual([]);
  const after = rightened(summaries);
  expect(after.projects.get("shop")).toBe(calm);
  expect(after.workspace).toBe(summaries.workspace);
});

test("each thing is told once, with the latest of its instants", () => {
  const pipelines = { chase: pipelineState({ since: LATER, lastDue: "2027-08-01T08:00:00.000Z" }) };

  expect(leadsOf(observed([live({ pipelines })]).summaries, PRESENT)).toEqual([
    { what: "the schedule of shop/chase", until: "2027-08-01T08:00:00.000Z" },
  ]);
});

test("times that a wrong clock has had come again under names of their own", () => {
  expect(anewSlot("check:1", undefined)).toBe("check:1");
  expect(anewSlot("check:1", {})).toBe("check:1");
  expect(anewSlot("check:1", { anew: LATER })).toBe(`check:1:${LATER}`);
});

test.each([
  ["2026-11-30 13:00", true],
  ["2026-11-30T13:00", true],
  ["2026-11-30 13:59", true],
  ["2026-11-30 12:01", true],
  ["2026-11-30 14:01", false],
  ["2026-11-30 11:59", false],
  ["2026-12-01 13:00", false],
  ["2026-11-30", false],
  ["now", false],
  ["9999-99-99 99:99", false],
])("a watch in Berlin that shows %s agrees with a clock at noon of London: %s", (said, agrees) => {
  expect(isSaid(PRESENT.at, "Europe/Berlin", said)).toBe(agrees);
});
