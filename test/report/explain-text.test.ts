import { expect, test } from "vitest";
import { explain } from "#runner/core/explain/explain.ts";
import { renderExplained } from "#runner/report/explain-text.ts";
import { attempts, closedRun, gate, look, openRun, runId, workspace } from "./example.ts";
import { dangersIn, hostile } from "./hostile.ts";
import { observed } from "./example-observed.ts";
import { plan } from "./example-plan.ts";
import type { Known } from "#runner/core/explanation.ts";

const known: Known = {
  workspace,
  observed,
  plan,
  closed: new Map([[closedRun.run.id, closedRun]]),
};

function explained(thing: string, verbose = false): string {
  return renderExplained(thing, explain(thing, known), { ...look, verbose });
}

test("a run: why it ran, what it did and cost, what is next", () => {
  expect(explained(runId)).toMatchInlineSnapshot(`
    "run chase-invoices.k3f9q2m7x0aa
    waits for you: Send the reminders

    WHY IT RAN
      because  goal no-silent-overdue is not met: 9, at most 0
      trigger  goal no-silent-overdue, measured by goal.x.aaaaaaaaaaaa
      started  15 min ago
      commit   3f2c1ab
      params   minDays 7

    WHAT IT DID
      find    succeeded
      draft   2 succeeded, 1 schema-invalid, degraded: model default: no key
              ANTHROPIC_API_KEY
      review  waits for you

    WHAT IT COST
      in all  0.012 USD
      draft   0.012 USD

    WHAT IS NEXT
      look       git diff main...fettle/gate/chase-invoices-4f8k2m1q
      approve    fettle approve chase-invoices-4f8k2m1q
      reject     fettle reject chase-invoices-4f8k2m1q --reason ...
      will       start draft: find succeeded
      will       ask you: risk 78 is not below 60
      held       step send of chase-invoices.k3f9q2m7x0aa: it sends what you approve
      unblock    fettle approve chase-invoices-4f8k2m1q
      next look  in 1 d 23 h
    "
  `);
});

test("a step: with what, what came out, why items are missing", () => {
  expect(explained(`${runId}/draft`)).toMatchInlineSnapshot(`
    "step draft of chase-invoices.k3f9q2m7x0aa
    2 succeeded, 1 schema-invalid

    WHY IT RAN
      because  goal no-silent-overdue is not met: 9, at most 0
      trigger  goal no-silent-overdue, measured by goal.x.aaaaaaaaaaaa
      started  15 min ago
      commit   3f2c1ab
      params   minDays 7

    WITH WHAT
      agent   reminder-writer 2.1.0 (model:default)
      model   anthropic claude-sonnet-5
      memory  mem_7k2q

    WHAT CAME OUT
      INV-3      schema-invalid: subject is missing
      rationale  Friendly first reminder; the client usually pays after one.
      degraded   model default: no key ANTHROPIC_API_KEY
      in full    fettle explain 'chase-invoices.k3f9q2m7x0aa/draft[INV-1]'

    WHAT IT COST
      in all    0.012 USD
      basis     metered
      attempts  3

    WHAT IS NEXT
      will  start draft: find succeeded
      will  ask you: risk 78 is not below 60
    "
  `);
});

test("a step that has not begun says what holds it", () => {
  expect(explained(`${runId}/send`)).toContain("it sends what you approve");
});

test("an open gate: what is asked and why a person is asked", () => {
  expect(explained(gate.id)).toContain("+40");
  expect(explained(gate.id)).toMatchInlineSnapshot(`
    "gate chase-invoices-4f8k2m1q
    waits for you: Send the reminders

    WHAT IS ASKED
      run        review of chase-invoices.k3f9q2m7x0aa
      because    goal no-silent-overdue is not met: 9, at most 0
      items      2
      opened     12 min ago
      answer by  in 1 d 23 h
      else       it is rejected

    WHY YOU ARE ASKED
      risk  78
      +40   effects are external
      +38   new template

    WHAT IT COST
      so far  0.008 USD

    WHAT IS NEXT
      look     git diff main...fettle/gate/chase-invoices-4f8k2m1q
      approve  fettle approve chase-invoices-4f8k2m1q
      reject   fettle reject chase-invoices-4f8k2m1q --reason ...
    "
  `);
});

test("a pipeline: what starts it and why it does not run", () => {
  expect(explained("chase-invoices")).toMatchInlineSnapshot(`
    "pipeline chase-invoices of collections
    Reminds clients of overdue invoices.

    WHAT STARTS IT
      goal      no-silent-overdue is not met
      schedule  0 8 * * 1-5
      by hand   fettle run collections/chase-invoices

    WHAT IT DID
      open      chase-invoices.k3f9q2m7x0aa
      last run  chase-invoices.a1b2c3d4e5f6
      result    degraded: 1 of 3 items failed
      because   goal no-silent-overdue is not met: 9, at most 0
      cost      0.012 USD
      ended     3 min ago

    WHAT IS NEXT
      will       start draft: find succeeded
      held       step send of chase-invoices.k3f9q2m7x0aa: it sends what you approve
      unblock    fettle approve chase-invoices-4f8k2m1q
      next look  in 1 d 23 h
      held       pipeline chase-invoices: one run at a time, and one is open
      more       fettle explain chase-invoices.k3f9q2m7x0aa
    "
  `);
});

test("a goal: where it stands and what brings it about", () => {
  expect(explained("no-silent-overdue")).toMatchInlineSnapshot(`
    "goal no-silent-overdue of collections
    No invoice is more than 7 days overdue without a reminder.

    WHERE IT STANDS
      target    at most 0
      value     9: not met
      measured  20 min ago
      before    0, 9

    WHAT BRINGS IT ABOUT
      pipelines    chase-invoices
      measured by  overdueUnreminded of invoice-ledger, every 1d
      open         chase-invoices.k3f9q2m7x0aa

    WHAT IS NEXT
      will       start draft: find succeeded
      held       step send of chase-invoices.k3f9q2m7x0aa: it sends what you approve
      unblock    fettle approve chase-invoices-4f8k2m1q
      next look  in 1 d 23 h
    "
  `);
});

test("digests are shown on demand only", () => {
  expect(explained(`${runId}/draft`)).not.toContain("sha256:");
  expect(explained(`${runId}/draft`, true)).toContain("sha256:");
});

test("a mistyped name is answered with the nearest one", () => {
  expect(explained("chase-invoces")).toContain("Did you mean: fettle explain chase-invoices");
  expect(explained("qqqqqq")).toContain("List the runs with: fettle runs");
});

test("every explanation fits one screen", () => {
  for (const thing of [runId, `${runId}/draft`, gate.id, "chase-invoices", "no-silent-overdue"]) {
    expect(explained(thing).split("\n").length).toBeLessThanOrEqual(48);
  }
});

test("what agents say cannot draw on the terminal", () => {
  const said = attempts.map((attempt) => ({ ...attempt, reason: hostile, rationale: hostile }));
  const runs = new Map([[runId, { ...openRun, attempts: said }]]);

  const text = renderExplained(
    "x",
    explain(`${runId}/draft`, { ...known, observed: { ...observed, runs } }),
    look,
  );

  expect(dangersIn(text)).toEqual([]);
});
