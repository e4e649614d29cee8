import { expect, test } from "vitest";
import { heldByOthers } from "#runner/core/lease.ts";
import { claimForLanes, endLanes, lapsedLanes } from "#runner/protocol/lane-claim.ts";
import { observeTransactions } from "#runner/core/observe-transaction.ts";
import { EMPTY } from "../support/core-builders.ts";
import type { RunnerRecord } from "#runner/schema/types.gen.ts";

const NOW = "2026-03-02T09:00:00.000Z";
const PLAN = { plan: `sha256:${"0".repeat(64)}` };

function claimed(expires: string, more: Partial<RunnerRecord> = {}): RunnerRecord {
  return { runner: "lanes-1", since: NOW, fence: 1, expires, runs: ["mail.1"], ...more };
}

test.each([
  ["of a clone for minutes", claimed("2026-03-02T09:02:00.000Z"), true],
  ["of a clone for hours, whose clock is ahead", claimed("2026-03-02T14:00:00.000Z"), false],
  ["of lanes for hours", claimed("2026-03-02T14:00:00.000Z", PLAN), true],
  [
    "of lanes for as long as their longest step may take",
    claimed("2026-03-03T18:00:00.000Z", PLAN),
    true,
  ],
  [
    "of lanes that were planned by a clock that is ahead",
    claimed("2026-03-02T14:00:00.000Z", { ...PLAN, since: "2026-03-02T11:00:00.000Z" }),
    false,
  ],
  ["of lanes that is over", claimed("2026-03-02T08:00:00.000Z", PLAN), false],
])("A claim %s is respected or not (%#).", (_, record, isHeld) => {
  expect(heldByOthers([record], "me", NOW).has("mail.1")).toBe(isHeld);
});

test("Lanes that were over a day ago are forgotten with the next plan; clones are not.", () => {
  const old = "2026-03-01T08:00:00.000Z";
  const lanes = claimed(old, PLAN);
  const yesterday = claimed("2026-03-01T10:00:00.000Z", PLAN);

  const runners = [lanes, claimed(old), yesterday, claimed(NOW, PLAN)];

  expect(lapsedLanes(runners, NOW)).toEqual([lanes]);
});

test("Lanes whose end is booked are not seen any more, as on the state; a clone that has let go is.", () => {
  const [ours, clone] = [claimed(NOW, PLAN), claimed(NOW, { runner: "laptop", runs: [] })];
  const over = endLanes([ours, clone], ours, { now: NOW });

  const seen = observeTransactions({ ...EMPTY, runners: [ours, clone] }, [over]);

  expect(seen.runners).toEqual([clone]);
});

test("A claim of lanes, and its end, rank above all claims before them.", () => {
  const clone = claimed(NOW, { fence: 7 });
  const expires = "2026-03-02T14:00:00.000Z";
  const given = { runner: "lanes-1", runs: ["mail.1"], now: NOW, expires, ...PLAN };

  const made = claimForLanes([clone], given);
  const over = endLanes([clone, claimed(expires, { ...PLAN, fence: 8 })], claimed(expires, PLAN), {
    now: NOW,
  });

  expect(made.event).toMatchObject({ kind: "work-claimed", fence: 8, runs: ["mail.1"] });
  expect(over.event).toMatchObject({ kind: "work-claimed", fence: 9, runs: [] });
});
