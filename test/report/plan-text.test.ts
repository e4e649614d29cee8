import { NO_FORECAST } from "#runner/core/forecast.ts";
import { expect, test } from "vitest";
import { renderPlan } from "#runner/report/plan-text.ts";
import { dangersIn, hostile } from "./hostile.ts";
import { look, record } from "./example.ts";
import { emptyPlan, plan, stepStart } from "./example-plan.ts";

test("a plan says what would happen, why, what is held and what unblocks it", () => {
  expect(renderPlan(plan, look)).toMatchInlineSnapshot(`
    "TO RUN
      step    draft of chase-invoices.k3f9q2m7x0aa in collections · 2 items · likely 0.024 USD, ≤ 0.10 USD for up to 2 attempts
              INV-1, INV-2: find succeeded

    TO ASK YOU
      gate    Send the reminders in collections
              risk 78 is not below 60

    HELD
      step send of chase-invoices.k3f9q2m7x0aa in collections
        it sends what you approve
        unblock: fettle approve chase-invoices-4f8k2m1q
        next look in 1 d 23 h
      pipeline chase-invoices in collections
        one run at a time, and one is open

    Plan: 2 to run, 1 to ask, 2 held · likely 0.046 USD, ≤ 0.10 USD · next wake in 3 h
    Carry it out with: fettle reconcile
    "
  `);
});

test("an empty plan says so and when it wakes", () => {
  const text = renderPlan({ ...emptyPlan, nextWake: "2026-11-22T11:15:00.000Z" }, look);

  expect(text).toBe("Plan: nothing to do · next wake in 3 h\n");
});

test("every kind of action has words", () => {
  const common = { project: "collections", because: "it follows" };
  const run = { ...record, pipeline: "goal.no-silent-overdue" };
  const text = renderPlan(
    {
      ...emptyPlan,
      actions: [
        {
          ...common,
          kind: "project-apply",
          commit: "",
          digest: "",
          pipelines: [],
          goals: [],
          renamedFrom: null,
        },
        { ...common, kind: "project-stall", commit: "", reason: "bad" },
        { ...common, kind: "resource-prune" },
        {
          ...common,
          kind: "goal-measure",
          run,
          cursor: {},
          request: null,
          forecast: NO_FORECAST,
        },
        {
          ...common,
          kind: "run-start",
          run: record,
          cursor: {},
          request: null,
          forecast: { ...NO_FORECAST, micros: 1, mostMicros: 1 },
        },
        stepStart(null, { step: "find", resume: true }),
        { ...common, kind: "deliver", paths: ["a.md", "b.md"], setAside: [], seen: {} },
        { ...common, kind: "gate-note", gate: "g", absentSince: "now", problem: null },
        { ...common, kind: "request-settle", request: "r1", reason: "done" },
      ],
    },
    look,
  );

  expect(text).toMatchInlineSnapshot(`
    "TO RUN
      measure goal no-silent-overdue in collections
              it follows
      start   chase-invoices in collections · likely 0.000001 USD, ≤ 0.000001 USD
              it follows
      step    find of chase-invoices.k3f9q2m7x0aa (again) in collections · likely 0.012 USD, ≤ 0.05 USD
              find succeeded

    TO DELIVER
      deliver a.md, b.md in collections
              it follows

    TO RECORD
      gate    g in collections
              it follows
      request r1 in collections
              it follows

    TO APPLY
      apply   collections in collections
              it follows
      stall   collections in collections
              it follows
      remove  collections in collections
              it follows

    Plan: 3 to run, 1 to deliver, 2 to record, 3 to apply · ≤ 0.00 USD
    Carry it out with: fettle reconcile
    "
  `);
});

test("hostile names stay on their line", () => {
  const text = renderPlan({ ...plan, actions: [stepStart(hostile, { because: hostile })] }, look);

  expect(dangersIn(text)).toEqual([]);
});

test("an ASCII terminal without colour gets ASCII marks", () => {
  expect(renderPlan(plan, { ...look, ascii: true })).toMatch(/^[\n -~]*$/u);
});

test("digests are shown on demand only", () => {
  expect(renderPlan(plan, look)).not.toContain(plan.commit);
  expect(renderPlan(plan, { ...look, verbose: true })).toContain(plan.commit);
});
