import { expect, test } from "vitest";
import { renderGates, type ListedGate } from "#runner/report/gates-text.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import { openGate } from "../support/core-records.ts";
import { look } from "./example.ts";

function listed(gate: GateRecord, more: Partial<ListedGate> = {}): ListedGate {
  return { gate, goesOnAt: null, snoozed: null, answer: null, ...more };
}

const queued = {
  id: "chase-2",
  project: "shop",
  run: "chase.bbbbbbbbbbbb",
  title: "Send more",
  risk: 30,
  items: 2,
  costMicros: 0,
  answerBy: null,
  since: "2026-11-22T09:00:00.000Z",
  snoozedUntil: null,
  position: 1,
  cost: 32,
  why: "3 reviews a day are used up",
  until: "2026-11-23T00:00:00.000Z",
};

test("what is open stands before what is queued, with what it costs to wait and for what it waits", () => {
  const { record } = openGate({ costMicros: 120_000 });

  const text = renderGates({ open: [listed(record)], queue: [queued], left: 0 }, look);

  expect(text).toMatch(/OPEN\n.*GATE.*\n  chase-1 +Send them\? +70 +0 +0\.12 USD/u);
  expect(text).toMatch(
    /QUEUED, in the order in which you will be asked\n.*WAITING COSTS.*\n +1 +chase-2 +Send more +30 +32 points +3 reviews a day are used up \(in/u,
  );
  expect(text).toMatch(/0 reviews left of today\n$/u);
});

test("where nothing waits it says so", () => {
  expect(renderGates({ open: [], queue: [], left: null }, look)).toBe("nothing waits for you\n");
});

test("in which briefing a gate stands is told, where there is one", () => {
  const { record: alone } = openGate();
  const { record: shared } = openGate({
    id: "chase-2",
    briefing: { id: "briefing-2026-11-23-0830", place: 2 },
  });

  const text = renderGates({ open: [listed(alone), listed(shared)], queue: [], left: null }, look);

  expect(text).toMatch(/ANSWER +BRIEFING\n/u);
  expect(text).toMatch(/chase-2 .* briefing-2026-11-23-0830 no\. 2\n/u);
});

test("until when an objection counts stands where it goes on by itself", () => {
  const open = [listed(openGate().record, { goesOnAt: "2026-11-30T00:00:00.000Z" })];

  const text = renderGates({ open, queue: [], left: null }, look);

  expect(text).toMatch(/chase-1 .* in .*, else it goes on\n/u);
});

test("what is put off stands below, with when it comes back and who has put it off", () => {
  const snoozed = { until: "2026-11-30T00:00:00.000Z", by: "ada@northwind.example" };
  const open = [listed(openGate({ id: "chase-2" }).record, { snoozed }), listed(openGate().record)];

  const text = renderGates({ open, queue: [], left: null }, look);

  expect(text).toMatch(
    /OPEN\n.*\n +chase-1 .*\n\nPUT OFF\n.*COMES BACK\n +chase-2 .*in .*, by ada@northwind\.example\n/u,
  );
});
