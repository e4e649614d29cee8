import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { capStandings } from "#runner/core/money/cap-standing.ts";
import { costReport } from "#runner/core/money/cost-report.ts";
import type { DashboardInput } from "#runner/core/dashboard-input.ts";
import { dashboardText } from "#runner/report/dashboard-text.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";
import { gate, look, openRun, runId, workspace } from "./example.ts";
import { live, nothingObserved, observed, observedGate } from "./example-observed.ts";
import { plan } from "./example-plan.ts";
import { dangersIn, hostile } from "./hostile.ts";

const { now } = look;
const run = { ...openRun.record, id: "chase-invoices.a1b2c3d4e5f6" };

const approval: GateDecision = {
  run: run.id,
  step: "review",
  gate: "g",
  decision: "approved",
  by: "ada@northwind.example",
  via: "merge",
  reason: "merged",
  at: now,
  commit: null,
  risk: 78,
  items: [],
  files: {},
};

function input(more: Partial<DashboardInput> = {}): DashboardInput {
  const facts = { workspace, observed, now };
  return {
    workspace,
    observed,
    plan: { ...plan, queue: [] },
    late: [],
    failed: [],
    caps: capStandings(facts),
    spent: costReport(facts, { by: "project", days: 2 }),
    done: [{ run, result: "degraded", endedAt: "2026-11-22T08:12:00.000Z", gates: [approval] }],
    pulls: new Map([[gate.branch, 12]]),
    ...more,
  };
}

const queued = {
  id: "chase-invoices-2",
  project: "collections",
  run: runId,
  title: "Send more",
  risk: 40,
  items: 2,
  costMicros: 0,
  answerBy: null,
  since: null,
  position: 1,
  cost: 42,
  why: "5 reviews a day are used up",
  until: "2026-11-23T00:00:00.000Z",
};

test("it says what waits for a person with a link, what is queued, held, at work and done, and how the caps stand", () => {
  const failed = [{ of: "brief/weekly", id: "weekly.x", endedAt: now, reason: "no data" }];

  const { title, body } = dashboardText(input({ plan: { ...plan, queue: [queued] }, failed }));

  expect(title).toBe("fettle: dashboard");
  expect(body).toMatchInlineSnapshot(`
    "fettle keeps this text up to date: whatever is changed here is written over. Times are those of UTC.

    ## Needs you (1)

    - **Send the reminders** in collections · #12 · high risk 78 · 2 items · answer by 2026-11-24 08:03, else it is rejected

    ## Queued (1)

    - **Send more** in collections · risk 40 · 5 reviews a day are used up · looked at again at 2026-11-23 00:00

    ## Blocked (1)

    - **brief/weekly** failed · no data · **Fix**: \`fettle retry weekly.x\`

    ## Running (1)

    - **chase-invoices.k3f9q2m7x0aa** in collections · since 2026-11-22 08:00 · waits for you · goal no-silent-overdue is not met: 9, at most 0

    ## Done since 2026-11-21

    - **collections/chase-invoices** · 1 degraded · gates: 1 approved · last 2026-11-22 08:12
    - 0.00 USD spent

    ## Budget

    | Cap of |  | Used | Of | Begins anew |  |
    | --- | --- | --- | --- | --- | --- |
    | project collections | per month | 0 USD | 10 USD | 2026-12-01 00:00 | – |
    "
  `);
});

test("what is put off needs nobody until it is back", () => {
  const hold = {
    project: gate.project,
    subject: `step:${gate.run}/${gate.step}`,
    reason: "snoozed",
    why: "it is put off",
    unblock: "",
    until: "2026-11-30T00:00:00.000Z",
  } as const;

  expect(dashboardText(input()).body).toContain(`#12`);
  expect(dashboardText(input({ plan: { holds: [hold], queue: [] } })).body).not.toContain("#12");
});

test("where nothing is to be told it says so", () => {
  const quiet = input({
    observed: nothingObserved,
    plan: { holds: [], queue: [] },
    caps: [],
    done: [],
  });

  expect(dashboardText(quiet).body).toBe(
    "fettle keeps this text up to date: whatever is changed here is written over. Times are those of UTC.\n\nAll is quiet.\n",
  );
});

test("it does not change with the clock of one day, nor with the clone that looks", () => {
  const later = { workspace, observed, now: "2026-11-22T10:59:00.000Z" };
  const own: Hold = {
    project: "collections",
    subject: `run:${runId}`,
    reason: "lease-held",
    why: "laptop works on it",
    unblock: "it goes on there",
    until: now,
  };
  const elsewhere = input({
    observed: { ...observed, self: "laptop", working: new Set(["x"]) },
    plan: { ...plan, holds: [...plan.holds, own], queue: [] },
    caps: capStandings(later),
    spent: costReport(later, { by: "project", days: 2 }),
  });

  expect(dashboardText(elsewhere)).toEqual(dashboardText(input()));
});

test("hostile text from outside links, calls and hides nothing", () => {
  const hold: Hold = {
    project: hostile,
    subject: `step:${hostile}/x`,
    reason: "budget-exceeded",
    why: hostile,
    unblock: hostile,
    until: null,
  };
  const doubt = {
    base: "sha256:b",
    ordinal: 1,
    onceKey: hostile,
    agent: "mailer",
    run: runId,
    step: "send",
    item: null,
    since: now,
    reason: hostile,
  };
  const projects = new Map([["collections", { ...live, uncertain: [doubt] }]]);
  const { body } = dashboardText(
    input({
      workspace: { ...workspace, invalid: new Map([[hostile, hostile]]) },
      observed: {
        ...observed,
        summaries: { ...observed.summaries, projects },
        gates: new Map([[gate.id, observedGate({ title: hostile })]]),
      },
      plan: { holds: [hold], queue: [{ ...queued, title: hostile, why: hostile }] },
      failed: [{ of: hostile, id: hostile, endedAt: now, reason: hostile }],
    }),
  );

  const outside = body.replaceAll(/(?<ticks>`+)(?:(?!\k<ticks>).)*\k<ticks>/gu, "");
  expect([...dangersIn(outside), ...dangersIn(body.replaceAll("##[", ""))]).toEqual([]);
  expect(outside).not.toMatch(/@ada|<img|!\[x\]|\[x\]\(/u);
  expect(outside.match(/(?<!&)#\d+/gu)).toEqual(["#12"]);
});

test("it stays within what GitHub takes, and counts what it leaves out", () => {
  const many = Array.from({ length: 400 }, (_, index) => ({
    ...queued,
    id: `g${index}`,
    title: `Send ${index} ${"x".repeat(5000)}`,
  }));

  const { body } = dashboardText(input({ plan: { holds: [], queue: many } }));

  expect(body.length).toBeLessThanOrEqual(60_000);
  expect(body).toContain("## Queued (400)");
  expect(body).toContain("**The rest does not fit here**: `fettle status` shows it.");
});
