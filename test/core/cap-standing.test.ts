import { expect, test } from "vitest";
import { capStandings, type CapStanding } from "#runner/core/money/cap-standing.ts";
import { capWarnings } from "#runner/core/money/cap-warning.ts";
import { nextRunWarnings } from "#runner/core/next-run.ts";
import { unitKey } from "#runner/core/parallel.ts";
import type { Amount, Budget, Money } from "#runner/schema/types.gen.ts";
import { agent, observed, pipeline, project, step, workspace } from "../support/core-builders.ts";

const UNIT = "shop/letters/writer";

function amount(micros: number): Amount {
  return { micros, tokens: 0, requests: 0, ms: 0 };
}

interface Case {
  readonly now: string;
  readonly cap?: Partial<Budget>;
  /** Millionths by day. */
  readonly days?: Readonly<Record<string, number>>;
  readonly granted?: number;
  readonly timezone?: string;
}

function facts({ now, cap, days = {}, granted = 0, timezone = "Europe/Berlin" }: Case): {
  workspace: ReturnType<typeof workspace>;
  observed: ReturnType<typeof observed>;
  now: string;
} {
  const shop = project({
    pipelines: { letters: pipeline([step("write", { agent: "writer" })]) },
    agents: [agent("writer")],
  });
  const budget: Budget[] = [{ per: "month", usd: 10, ...cap }];
  const booked = Object.entries(days).map(
    ([day, micros]) => [day, { [UNIT]: amount(micros) }] as const,
  );
  const total = Object.values(days).reduce((sum, micros) => sum + micros, 0);
  const day = Object.keys(days).at(-1) ?? "2026-01-01";
  const grant = { grant: "g", unit: UNIT, run: "r", step: "write", item: null, attempt: 1, day };
  const money: Money = {
    grants: granted === 0 ? [] : [{ ...grant, amount: amount(granted) }],
    days: Object.fromEntries(booked),
    totals: { [UNIT]: amount(total) },
    runs: {},
    models: {},
    accepted: {},
  };
  const seen = observed([], {
    working: new Set([unitKey({ run: "r", step: "write", item: null })]),
  });
  const { summaries } = seen;
  return {
    workspace: workspace([shop], { settings: { budget, timezone } }),
    observed: {
      ...seen,
      summaries: { ...summaries, workspace: { ...summaries.workspace, money } },
    },
    now,
  };
}

function standing(of: Case): CapStanding | undefined {
  return capStandings(facts(of))[0];
}

test("a cap of a run or an hour is told with the runs; each other cap once", () => {
  const { workspace: of, ...rest } = facts({ now: "2026-11-22T10:00:00.000Z" });
  const budget: Budget[] = [
    { per: "run", usd: 1 },
    { per: "day", usd: 1 },
    { per: "day", tokens: 5 },
  ];
  const settings = { ...of.settings, budget };

  expect(
    capStandings({ ...rest, workspace: { ...of, settings } }).map(({ per, axis, limit }) => [
      per,
      axis,
      limit,
    ]),
  ).toEqual([
    ["day", "micros", 1_000_000],
    ["day", "tokens", 5],
  ]);
});

test.each([
  ["a day in its middle", "2026-11-22T11:00:00.000Z", "day", 12 / 24, "2026-11-22T23:00:00.000Z"],
  ["a day in summer", "2026-07-01T10:00:00.000Z", "day", 12 / 24, "2026-07-01T22:00:00.000Z"],
  ["a month of 30 days", "2026-11-15T23:00:00.000Z", "month", 15 / 30, "2026-11-30T23:00:00.000Z"],
  ["a short month", "2026-02-14T23:00:00.000Z", "month", 14 / 28, "2026-02-28T23:00:00.000Z"],
  ["the end of a year", "2026-12-31T11:00:00.000Z", "month", 30.5 / 31, "2026-12-31T23:00:00.000Z"],
  ["a week from Monday", "2026-11-23T23:00:00.000Z", "week", 1 / 7, "2026-11-29T23:00:00.000Z"],
] as const)("What is likely at the end of %s follows from its share that is over.", (...given) => {
  const [, now, per, share, until] = given;
  const day = now.slice(0, 10);
  const cap = standing({ now, cap: { per }, days: { [day]: 1_000_000 } });

  expect(cap?.until).toBe(until);
  expect(cap?.projected).toBeCloseTo(1_000_000 / share, -1);
});

test("on the days that have 23 or 25 hours the window ends at midnight where people are", () => {
  const spring = standing({ now: "2026-03-29T10:00:00.000Z", cap: { per: "day" } });
  const autumn = standing({ now: "2026-10-25T10:00:00.000Z", cap: { per: "day" } });

  expect(spring?.until).toBe("2026-03-29T22:00:00.000Z");
  expect(autumn?.until).toBe("2026-10-25T23:00:00.000Z");
});

test("a total has no end, and of a window that has only begun nothing is foretold", () => {
  const days = { "2026-11-22": 1_000_000 };
  const total = standing({ now: "2026-11-22T10:00:00.000Z", cap: { per: "total" }, days });
  const early = standing({ now: "2026-11-21T23:01:00.000Z", cap: { per: "day" }, days });

  expect(total).toMatchObject({ taken: 1_000_000, projected: null, until: null });
  expect(early).toMatchObject({ taken: 1_000_000, projected: null });
});

test("what was spent before the window does not count", () => {
  const days = { "2026-10-31": 1, "2026-11-01": 2, "2026-11-21": 4, "2026-11-22": 8 };
  const taken = (per: Budget["per"]): number | undefined =>
    standing({ now: "2026-11-22T10:00:00.000Z", cap: { per }, days })?.taken;

  expect([taken("day"), taken("week"), taken("month"), taken("total")]).toEqual([8, 12, 14, 15]);
});

test.each([
  [7_900_000, {}, "fine"],
  [8_000_000, {}, "warn"],
  [5_000_000, { warnAt: 0.5 }, "warn"],
  [9_000_000, { softAt: 0.9 }, "soft"],
  [10_000_000, { softAt: 0.9 }, "full"],
  [11_000_000, {}, "full"],
] as const)("Of 10 USD %d micro-dollars with %j are %s.", (micros, more, level) => {
  const now = "2026-11-22T10:00:00.000Z";

  expect(standing({ now, cap: more, days: { "2026-11-22": micros } })?.level).toBe(level);
  expect(standing({ now, cap: more, days: { "2026-11-22": 1 }, granted: micros })?.level).toBe(
    level,
  );
});

test("a cap is warned of with what is gone, what is granted, and what comes of it", () => {
  const now = "2026-11-22T11:00:00.000Z";
  const days = { "2026-11-22": 6_000_000 };
  const warned = (cap: Partial<Budget>, granted = 0): readonly string[] =>
    capWarnings(facts({ now, cap: { per: "day", ...cap }, days, granted })).map(({ text }) => text);

  expect(warned({})).toEqual([]);
  expect(warned({}, 2_000_000)).toEqual([
    "the workspace has used 6 USD of 10 USD per day, and granted 2 USD to attempts at work (80 %); at this rate it would be about 12 USD by the end of the day",
  ]);
  expect(warned({ softAt: 0.5 })).toEqual([
    "the workspace has used 6 USD of 10 USD per day (60 %): agents that have a rung that costs nothing are on it; at this rate it would be about 12 USD by the end of the day",
  ]);
  expect(warned({ per: "total", usd: 6 })).toEqual([
    "the workspace has used 6 USD of 6 USD in total (100 %): nothing begins that needs more",
  ]);
});

test("nothing was ever spent: nothing is warned of, not even a cap of nothing", () => {
  const now = "2026-11-22T11:00:00.000Z";

  expect(capWarnings(facts({ now, cap: { usd: 0 } }))).toEqual([]);
});

function nextRun(usd: number, limit: number): readonly string[] {
  const of = facts({ now: "2026-11-22T11:00:00.000Z", days: { "2026-11-22": 300_000 } });
  const writer = agent("writer", {
    runtime: { model: "big", prompt: "p.md" },
    limits: { usd: limit, wall: "1m" },
  });
  const write = step("write", {
    agent: "writer",
    forEach: "${{ ['a', 'b'] }}",
    itemKey: "${{ item }}",
  });
  const shop = project({ pipelines: { letters: pipeline([write]) }, agents: [writer] });
  const settings = { ...of.workspace.settings, budget: [{ per: "day" as const, usd }] };
  return nextRunWarnings({ ...of, workspace: { ...workspace([shop]), settings } }).map(
    ({ text }) => text,
  );
}

test("a run that may need more than is left of a cap is told before it begins", () => {
  expect(nextRun(0.5, 0.25)).toEqual([
    "the next run of shop/letters may need 0.5 USD; 0.2 USD is left of 0.5 USD per day of the workspace",
  ]);
  expect(nextRun(0.5, 0.1)).toEqual([]);
  // Nothing is left: that is told of the cap itself.
  expect(nextRun(0.3, 0.25)).toEqual([]);
});
