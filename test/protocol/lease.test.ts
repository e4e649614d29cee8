import { expect, test } from "vitest";
import { heldByOthers } from "#runner/core/lease.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { claim, mustClaim } from "#runner/protocol/lease.ts";

const NOW = "2026-11-25T09:00:00.000Z";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const first = claim([], { runner: "laptop", runs: ["b.2", "a.1", "b.2"], now: NOW });

test("a claim names its runs once and in order, and says since when and until when", () => {
  expect(first).toEqual({
    runner: "laptop",
    since: NOW,
    fence: 1,
    expires: addMs(NOW, 2 * MINUTE_MS),
    runs: ["a.1", "b.2"],
  });
});

test("every claim has a higher fence than all before it, whoever made them", () => {
  const second = claim([first], { runner: "ci", runs: ["c.3"], now: NOW });
  const third = claim([first, second], { runner: "laptop", runs: ["a.1"], now: addMs(NOW, 1) });

  expect([second.fence, third.fence]).toEqual([2, 3]);
  expect(third.since).toBe(NOW);
});

test.each([
  ["nothing to work on", [], 0, false],
  ["nothing to work on any more, after most of the time", [], 1.5 * MINUTE_MS, false],
  ["a run that is held", ["a.1"], 0, false],
  ["a run that is not held", ["a.1", "c.3"], 0, true],
  ["just before half of the time is over", ["a.1"], MINUTE_MS, false],
  ["just after it", ["a.1"], MINUTE_MS + 1, true],
])("a claim is due or not: %s", (_, runs, passedMs, isDue) => {
  expect(mustClaim(first, runs, addMs(NOW, passedMs))).toBe(isDue);
});

test("who holds nothing yet claims first", () => {
  expect(mustClaim(undefined, ["a.1"], NOW)).toBe(true);
});

test.each([
  ["while it lasts", 0, true],
  ["as long as the other's clock may be behind", 2.5 * MINUTE_MS - 1, true],
  ["no longer", 2.5 * MINUTE_MS, false],
  ["not when it lasts longer than any claim does: its clock was wrong", -HOUR_MS, false],
])("a run is left to another runner: %s", (_, passedMs, isHeld) => {
  const held = heldByOthers([first], "ci", addMs(NOW, passedMs));

  expect(held.has("a.1")).toBe(isHeld);
});

test("nobody is held up by a claim of their own", () => {
  expect(heldByOthers([first], "laptop", NOW).size).toBe(0);
});
