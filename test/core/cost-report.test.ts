import { expect, test } from "vitest";
import { type CostKey, type CostReport, costReport } from "#runner/core/money/cost-report.ts";
import { costsCsv } from "#runner/report/costs-text.ts";
import type { Accepted, Amount, Money } from "#runner/schema/types.gen.ts";
import { observed, workspace } from "../support/core-builders.ts";

function amount(micros: number, tokens = 0): Amount {
  return { micros, tokens, requests: 1, ms: 0 };
}

const MONEY: Money = {
  grants: [],
  days: {
    "2026-10-20": { "shop/letters/writer": amount(1000) },
    "2026-11-21": { "shop/letters/writer": amount(20), "blog/posts/writer": amount(3000) },
    "2026-11-22": { "shop/letters/writer": amount(1, 7), "shop/orders/clerk": amount(1, 9) },
  },
  totals: {},
  runs: {},
  models: { "2026-11-22": { "openai/gpt": amount(1), "anthropic/large": amount(1) } },
  accepted: {
    "2026-10-20": { shop: { approved: 50, delivered: 50 } },
    "2026-11-22": { shop: { approved: 2, delivered: 1 } },
  },
};

interface Asked {
  readonly by?: CostKey;
  readonly days?: number;
  readonly now?: string;
  readonly money?: Money;
}

function report({ by = "project", days = 30, now, money = MONEY }: Asked = {}): CostReport {
  const seen = observed([]);
  const { summaries } = seen;
  return costReport(
    {
      workspace: workspace([], { settings: { timezone: "Europe/Berlin" } }),
      observed: {
        ...seen,
        summaries: { ...summaries, workspace: { ...summaries.workspace, money } },
      },
      now: now ?? "2026-11-22T10:00:00.000Z",
    },
    { by, days },
  );
}

test.each([
  ["project", ["blog", "shop"]],
  ["pipeline", ["blog/posts", "shop/letters", "shop/orders"]],
  ["agent", ["writer", "clerk"]],
  ["model", ["anthropic/large", "openai/gpt"]],
  ["day", ["2026-11-21", "2026-11-22"]],
] as const)("By %s the dearest comes first; days in their order.", (by, keys) => {
  expect(report({ by }).rows.map(({ key }) => key)).toEqual(keys);
});

test.each([
  ["2026-11-22T22:59:00.000Z", 1, "2026-11-22", "2026-11-22"],
  ["2026-11-22T23:00:00.000Z", 1, "2026-11-23", "2026-11-23"],
  ["2026-11-22T10:00:00.000Z", 2, "2026-11-21", "2026-11-22"],
  ["2026-03-29T22:30:00.000Z", 2, "2026-03-29", "2026-03-30"],
  ["2027-01-01T10:00:00.000Z", 30, "2026-12-03", "2027-01-01"],
])("At %s the last %d calendar days are those from %s to %s.", (now, days, since, until) => {
  expect(report({ now, days })).toMatchObject({ since, until });
});

test("only the days asked for are summed, and their outcomes", () => {
  const one = report({ days: 1 });

  expect(one.total).toEqual({ micros: 2, tokens: 16, requests: 2, ms: 0 });
  expect(one.rows).toMatchObject([
    { key: "shop", accepted: { approved: 2, delivered: 1 }, perOutcome: 1 },
  ]);
});

test.each([
  [{ approved: 2, delivered: 1 }, 3000, 1000],
  [{ approved: 0, delivered: 7 }, 1, 1],
  [{ approved: 0, delivered: 0 }, 5, null],
  [{ approved: 1, delivered: 0 }, 0, 0],
] as const)(
  "Of %j for %d micro-dollars each cost %s: rounded up, and nothing where nothing came of it.",
  (accepted: Accepted, micros, each) => {
    const day = "2026-11-22";
    const money: Money = {
      ...MONEY,
      days: { [day]: { "shop/letters/writer": amount(micros) } },
      accepted: { [day]: { shop: accepted } },
    };

    expect(report({ money }).rows[0]).toMatchObject({ accepted, perOutcome: each });
  },
);

test("a name that a spreadsheet would take for a formula is text, and a comma stays in its cell", () => {
  const rows = ["=cmd()", "@x", "-1", "+1", 'a,"b', "plain"].map((key) => ({
    key,
    amount: amount(5),
  }));
  const csv = costsCsv({ ...report(), by: "agent", rows });

  expect(csv.split("\n").slice(1, -1)).toEqual([
    "'=cmd(),5,1,0,0,,",
    "'@x,5,1,0,0,,",
    "'-1,5,1,0,0,,",
    "'+1,5,1,0,0,,",
    '"a,""b",5,1,0,0,,',
    "plain,5,1,0,0,,",
  ]);
});
