import { expect, test } from "vitest";
import {
  laneWait,
  minutesStanding,
  waitWords,
  type MinutesFacts,
} from "#runner/core/lane/actions-minutes.ts";
import { agentLevels } from "#runner/core/agent-levels.ts";
import { foldEvents, NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import { billedOf, workedBy } from "#runner/core/lane/lane-bill.ts";
import { minutesWords, renderMinutes } from "#runner/report/minutes-text.ts";
import type { Actions, LiveWorkspace } from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  goal,
  observed,
  pipeline,
  pipelineStep,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { look } from "../report/example.ts";

/** 10 days into November, in UTC. */
const NOW = "2026-11-11T00:00:00.000Z";
const CHAIN = pipeline([
  step("find"),
  step("write", { needs: ["find"] }),
  gateStep("review", { text: "${{ steps.write.outputs }}" }),
  step("send", { needs: ["review"] }),
]);

function facts(actions?: Actions, lanes?: LiveWorkspace["lanes"]): MinutesFacts {
  const quick = agent("worker", { limits: { usd: 0, wall: "10s" } });
  const version = project({
    manifest: { goals: { paid: goal({ check: "1d" }) } },
    pipelines: {
      chase: { ...CHAIN, triggers: { schedule: { cron: "0 8 * * *" } } },
      rest: { ...CHAIN, triggers: { schedule: { cron: "0 8 * * *" } }, suspend: true },
      asked: CHAIN,
    },
    agents: [quick],
  });
  const settings = actions === undefined ? {} : { actions };
  const seen = observed([]);
  const { summaries } = seen;
  const own = lanes === undefined ? summaries.workspace : { ...summaries.workspace, lanes };
  return {
    workspace: workspace([version], { settings }),
    observed: { ...seen, summaries: { ...summaries, workspace: own } },
    now: NOW,
  };
}

test("a month is forecast by how often is looked, what schedules start and what goals measure", () => {
  const { month, used, coming } = minutesStanding(facts({ every: "2h" }));

  expect(month.looks).toBe(360);
  // 30 runs of three waves with lanes of a minute at least, and 30 measurements.
  expect(month.waves).toBeGreaterThanOrEqual(30 * 9 + 30 * 3);
  expect([used, coming]).toEqual([{ looks: 120, lanes: 0 }, 240]);
});

test("what starts more often than is looked is started as often as is looked", () => {
  const often = minutesStanding(facts({ every: "1d" })).month;
  const seldom = facts({ every: "1d" });
  const version = project({
    pipelines: {
      chase: { ...CHAIN, triggers: { schedule: { cron: "* * * * *" } } },
    },
    manifest: { goals: { paid: goal({ check: "1h" }) } },
    agents: [agent("worker", { limits: { usd: 0, wall: "10s" } })],
  });

  const { month } = minutesStanding({
    ...seldom,
    workspace: workspace([version], { settings: { actions: { every: "1d" } } }),
  });

  expect(month).toEqual(often);
});

const DAY = { "2026-11-10": 100, "2026-10-31": 900 };

test.each<readonly [string, Actions | undefined, LiveWorkspace["lanes"], string | null]>([
  ["nothing is declared", undefined, { at: NOW, days: DAY }, null],
  ["there is room", { minutes: 2000 }, { at: NOW, days: DAY }, null],
  ["it is near the ceiling and none was before", { minutes: 500 }, undefined, null],
  [
    "it is near the ceiling",
    { minutes: 500 },
    { at: "2026-11-10T12:00:00.000Z", days: DAY },
    "2026-11-11T12:00:00.000Z",
  ],
  [
    "it is near, and the time has come",
    { minutes: 500, spareEvery: "6h" },
    { at: "2026-11-10T12:00:00.000Z", days: DAY },
    null,
  ],
  [
    "it is near, and a clock was ahead",
    { minutes: 500 },
    { at: "2026-11-12T12:00:00.000Z", days: DAY },
    null,
  ],
  [
    "spared from the start",
    { minutes: 9999, spareFrom: 0 },
    { at: NOW, days: {} },
    "2026-11-12T00:00:00.000Z",
  ],
  ["all is used up", { minutes: 462 }, { at: NOW, days: DAY }, "2026-12-01T00:00:00.000Z"],
  [
    "all is used up and it goes on",
    { minutes: 462, atCeiling: "go-on" },
    { at: NOW, days: DAY },
    null,
  ],
])("where %s lanes are opened or wait", (_, actions, lanes, until) => {
  expect(laneWait(facts(actions, lanes))?.until ?? null).toBe(until);
});

test("the standing and the wait are told in words, by the clock of the workspace", () => {
  const near = facts({ minutes: 500 }, { at: NOW, days: DAY });
  const standing = minutesStanding(near);
  const wait = laneWait(near);

  expect(minutesWords(standing)).toMatch(
    /^about \d+ minutes a month: 360 to look, \d+ for what .*, of 500; this month 120 to look and 100 in lanes/u,
  );
  expect(wait === null ? "" : waitWords(wait, "Europe/Berlin")).toMatch(
    /^no lane is opened before 2026-11-12 01:00 \(Europe\/Berlin\): 220 of the 500 minutes/u,
  );
  expect(renderMinutes({ standing, wait, timezone: "UTC" }, look)).toContain(
    "GITHUB ACTIONS\n  about",
  );
  expect(renderMinutes(null, look)).toBe("");
});

test("steps that need each other are levels, those of called pipelines too; people and time are none", () => {
  const calling = pipeline([
    step("first"),
    pipelineStep("call", "chase", { needs: ["first"], forEach: "${{ params.list }}" }),
  ]);

  expect(agentLevels(CHAIN, new Map())).toBe(3);
  expect(agentLevels(calling, new Map([["chase", CHAIN]]))).toBe(4);
  expect(agentLevels(pipeline([step("a"), step("b")]), new Map())).toBe(1);
});

const PLANNED = { plannedAt: "2026-11-11T00:00:00.000Z", now: "2026-11-11T00:20:00.000Z" };

test.each([
  ["no lane", [], 2],
  [
    "a moment",
    [
      {
        mostMinutes: 30,
        worked: { from: "2026-11-11T00:02:00.000Z", to: "2026-11-11T00:02:01.000Z" },
      },
    ],
    3,
  ],
  [
    "two minutes, and the start of the machine",
    [
      {
        mostMinutes: 30,
        worked: { from: "2026-11-11T00:02:00.000Z", to: "2026-11-11T00:04:00.000Z" },
      },
    ],
    5,
  ],
  ["nobody knows how long", [{ mostMinutes: 30, worked: null }], 22],
  ["nobody knows, and it was ended", [{ mostMinutes: 5, worked: null }], 7],
])("%s in lanes is billed with the machines around it", (_, lanes, minutes) => {
  expect(billedOf(lanes, PLANNED)).toBe(minutes);
});

test("what lanes took adds up by day, and old days go", () => {
  const { billed: _, ...plain } = over("2026-11-20", 9);

  const { workspace: live } = foldEvents(NO_SUMMARIES, [
    over("2026-09-01", 5),
    over("2026-11-10", 3),
    over("2026-11-10", 4),
    over("2026-11-11", 2),
    plain,
  ]);

  expect(live.lanes).toEqual({
    at: "2026-11-11T10:00:00.000Z",
    days: { "2026-11-10": 7, "2026-11-11": 2 },
  });
});

function over(day: string, minutes: number): EventOf<"work-claimed"> {
  return {
    kind: "work-claimed",
    at: `${day}T10:00:00.000Z`,
    project: "",
    runner: "lanes-1",
    runs: [],
    fence: 1,
    expires: NOW,
    plan: `sha256:${"0".repeat(64)}`,
    billed: { day, minutes },
  };
}

test("a lane that did not tell of all its steps may have worked to its end", () => {
  const [first, second] = [
    { from: "2026-11-11T09:00:00.000Z", to: "2026-11-11T09:01:00.000Z" },
    { from: "2026-11-11T09:00:30.000Z", to: "2026-11-11T09:00:40.000Z" },
  ];

  expect(workedBy([second, first])).toEqual(first);
  expect([workedBy([]), workedBy([first, undefined])]).toEqual([null, null]);
});
