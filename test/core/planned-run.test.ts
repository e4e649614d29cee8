import { expect, test } from "vitest";
import * as fc from "fast-check";
import type { LedgerEvent } from "#runner/core/model.ts";
import { planDigest } from "#runner/core/plan.ts";
import { ADA } from "../support/core-records.ts";
import { ReminderCompany, reminders, chase } from "../support/reminder-company.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function kindsOf(events: readonly LedgerEvent[]): readonly string[] {
  return events.map((event) => event.kind);
}

test("from a goal to a met goal, every step happens once", () => {
  const company = new ReminderCompany();

  const waiting = company.settle();

  expect(waiting.actions).toEqual([]);
  expect(waiting.holds.map(({ reason }) => reason)).toEqual(["awaiting-approval"]);
  expect(company.executed.map(({ step, item }) => [step, item])).toEqual([
    ["measure", null],
    ["find", null],
    ["draft", "INV-1"],
    ["draft", "INV-2"],
  ]);
  expect(company.letters).toEqual([]);

  company.wait(HOUR);
  company.approve();
  const rest = company.settle();

  expect(company.executed.slice(4).map(({ step, item }) => [step, item])).toEqual([
    ["send", "INV-1"],
    ["send", "INV-2"],
    ["record", null],
    ["measure", null],
  ]);
  expect(company.letters).toEqual(["Please pay INV-1.", "Please pay INV-2."]);
  expect(company.main.get("projects/shop/log.csv")).toBe("c".repeat(40));
  expect(company.observed.summaries.projects.get("shop")).toMatchObject({
    goals: { paid: { met: true, value: 0, unmetRuns: 0 } },
    openRuns: [],
    openGates: [],
    pending: [],
  });
  expect(rest).toMatchObject({ actions: [], holds: [] });
  expect(kindsOf(company.events)).toEqual([
    "project-applied",
    ...["run-started", "step-finished", "run-finished"],
    ...["run-started", "step-finished", "step-finished", "step-finished", "gate-opened"],
    "gate-settled",
    ...["effect-intended", "effect-intended", "step-finished", "step-finished", "step-finished"],
    ...["run-finished", "files-delivered"],
    ...["run-started", "step-finished", "run-finished"],
  ]);
});

test("the goal's run names the run that measured it", () => {
  const company = new ReminderCompany();

  company.settle();

  const [measurement, run] = company.events.filter((event) => event.kind === "run-started");
  expect(run?.trigger).toMatchObject({ kind: "goal", measurement: measurement?.run });
});

test("what the operator edits is what goes out, and what is deleted does not", () => {
  const company = new ReminderCompany();
  company.settle();
  company.wait(HOUR);

  company.approve((outputs) =>
    JSON.stringify(outputs).includes("INV-1") ? { text: "Dear Bob, please." } : undefined,
  );
  company.settle();

  expect(company.letters).toEqual(["Dear Bob, please."]);
});

test("a rejected draft is not shown again, and the goal stalls instead of asking for ever", () => {
  const company = new ReminderCompany();
  company.settle();
  const [gate] = company.observed.gates.keys();
  company.ask({
    id: "no",
    kind: "reject",
    gate: gate ?? "",
    by: ADA,
    reason: "rude",
    at: company.now,
  });
  company.settle();

  for (let day = 0; day < 5; day += 1) {
    company.wait(DAY);
    company.settle();
  }

  expect(company.letters).toEqual([]);
  expect(company.observed.requests).toEqual([]);
  expect(company.events.filter(({ kind }) => kind === "gate-opened")).toHaveLength(1);
  expect(company.plan().holds.map(({ reason }) => reason)).toEqual(["goal-stalled"]);
});

test("an effect that is promised to nobody else is sent once, whatever asks for it at the same time", () => {
  const letter = chase().steps.slice(0, 1);
  const twice = reminders({ triggers: {}, steps: [letter[0] ?? chase().steps[0]] });
  const company = new ReminderCompany(twice);

  company.settle();

  expect(company.letters).toEqual([]);
});

test("a plan is a function of its facts: the order in which they were seen says nothing", () => {
  const company = new ReminderCompany();
  company.settle();
  company.approve();
  const { workspace, observed, now } = company;
  const expected = planDigest(company.plan());

  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (random) => {
      const shuffled = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
        new Map(
          [...map]
            .map((entry) => ({ entry, place: random.next().value ?? 0 }))
            .toSorted((a, b) => a.place - b.place)
            .map(({ entry }) => entry),
        );
      const again = new ReminderCompany(workspace);
      again.now = now;
      again.observed = {
        ...observed,
        runs: shuffled(observed.runs),
        gates: shuffled(observed.gates),
      };

      expect(planDigest(again.plan())).toBe(expected);
    }),
    { numRuns: 30 },
  );
});
