import { expect, test } from "vitest";
import * as fc from "fast-check";
import { addMs } from "#runner/core/time/instant.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { planDigest } from "#runner/core/plan.ts";
import type { RunRequest } from "#runner/schema/types.gen.ts";
import { pipeline, step } from "../support/core-builders.ts";
import { ADA } from "../support/core-records.ts";
import { ReminderCompany, reminders, chase } from "../support/reminder-company.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function kindsOf(events: readonly LedgerEvent[]): readonly string[] {
  return events.map((event) => event.kind);
}

function unitsOf({ executed }: ReminderCompany): readonly (readonly [string, string | null])[] {
  return executed.map((start) => [start.step, start.item]);
}

test("from a goal to a met goal, every step happens once", () => {
  const company = new ReminderCompany();

  const waiting = company.settle();

  expect(waiting.actions).toEqual([]);
  expect(waiting.holds.map(({ reason }) => reason)).toEqual(["awaiting-approval"]);
  expect(unitsOf(company)).toEqual([
    ["measure", null],
    ["find", null],
    ["draft", "INV-1"],
    ["draft", "INV-2"],
  ]);
  expect(company.letters).toEqual([]);

  company.wait(HOUR);
  company.approve();
  const rest = company.settle();

  expect(unitsOf(company).slice(4)).toEqual([
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
  expect(kindsOf(company.events).join(" ")).toBe(
    [
      "project-applied",
      "run-started step-finished run-finished",
      "run-started step-finished step-finished step-finished gate-opened",
      "gate-settled",
      "effect-intended effect-intended step-finished step-finished step-finished",
      "run-finished files-delivered",
      "run-started step-finished run-finished",
    ].join(" "),
  );
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

const broadcast = pipeline([
  step("send", { agent: "mailer", with: { text: "News." }, once: { key: "news" } }),
]);

function request(name: string): RunRequest {
  const at = "2026-11-22T09:00:00.000Z";
  return { id: name, kind: "run", project: "shop", pipeline: name, params: {}, by: ADA, at };
}

test("three pipelines that want the same effect at the same time send one mail", () => {
  const company = new ReminderCompany(
    reminders({ triggers: {} }, [broadcast, broadcast, broadcast]),
  );
  company.overdue.clear();
  for (const name of ["other-0", "other-1", "other-2"]) company.ask(request(name));

  company.settle();

  expect(company.letters).toEqual(["News."]);
  const ends = company.events.filter((event) => event.kind === "run-finished");
  expect(ends.filter(({ pipeline: name }) => name.startsWith("other"))).toHaveLength(3);
});

test("two items of one step with the same effect key send one mail", () => {
  const twice = pipeline([
    step("send", {
      agent: "mailer",
      forEach: "${{ ['a', 'b'] }}",
      itemKey: "${{ item }}",
      with: { text: "News." },
      once: { key: "news" },
    }),
  ]);
  const company = new ReminderCompany(reminders({ triggers: {} }, [twice]));
  company.overdue.clear();
  company.ask(request("other-0"));

  company.settle();

  expect(company.letters).toEqual(["News."]);
});

test("an intent that a crash has left behind is never carried out by guess", () => {
  const company = new ReminderCompany(reminders({ triggers: {} }, [broadcast]));
  company.overdue.clear();
  company.ask(request("other-0"));
  company.settleUntil("step-start");
  company.crashAfterIntent();
  company.settle();

  expect(company.letters).toEqual([]);
  const [receipt] = [...company.observed.receipts.values()].flatMap((one) => one?.receipts ?? []);
  expect(receipt).toMatchObject({ state: "uncertain", ordinal: 1 });
  company.ask(request("other-0"));
  expect(company.settle().holds.map(({ reason }) => reason)).toEqual(["uncertain-effect"]);
});

test("the order in which facts were seen says nothing", () => {
  const company = new ReminderCompany(
    reminders({ concurrency: { releaseAt: "gate" } }, [chase(), chase({ triggers: {} })]),
  );
  company.ask(request("other-1"));
  company.ask(request("other-0"));
  company.ask(request("chase"));
  company.settle();
  company.approve();
  const { observed } = company;
  expect(observed.gates.size).toBeGreaterThan(2);
  const expected = planDigest(company.plan());

  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (places) => {
      const shuffled = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
        new Map(shuffle([...map], places));
      const { runs, gates, requests, receipts } = observed;
      company.observed = {
        ...observed,
        runs: shuffled(runs),
        gates: shuffled(gates),
        receipts: shuffled(receipts),
        requests: shuffle([...requests], places),
      };

      expect(planDigest(company.plan())).toBe(expected);
    }),
    { numRuns: 30 },
  );
});

function shuffle<Value>(list: readonly Value[], places: readonly number[]): readonly Value[] {
  return list
    .map((value, index) => ({ value, place: places[index] ?? 0 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value);
}

test("until the next wake the clock changes nothing", () => {
  const schedule = { cron: "0 8 * * *", catchUp: "latest" } as const;
  const company = new ReminderCompany(reminders({ triggers: { goal: "paid", schedule } }));
  company.wait(-5 * HOUR);
  company.settle();
  const { nextWake } = company.plan();
  const expected = planDigest(company.plan());
  expect(nextWake).toBe("2026-11-22T08:00:00.000Z");

  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 * HOUR - 1 }), (later) => {
      company.now = addMs("2026-11-22T05:00:00.000Z", later);

      expect(planDigest(company.plan())).toBe(expected);
    }),
    { numRuns: 30 },
  );
  company.now = "2026-11-22T08:00:00.000Z";
  expect(planDigest(company.plan())).not.toBe(expected);
});
