import { NO_FORECAST } from "#runner/core/forecast.ts";
import { expect, test } from "vitest";
import type { Hold, Plan } from "#runner/core/action.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import {
  exitCodes,
  isForKeys,
  planExit,
  tickExit,
  type ExitName,
  type TickFacts,
} from "#runner/core/exit-code.ts";

test("the exit codes are the published ones, each with one meaning", () => {
  const codes = Object.fromEntries(
    Object.entries(exitCodes).map(([name, { code }]) => [name, code]),
  );

  expect(codes).toEqual({
    ok: 0,
    failed: 1,
    changes: 2,
    waiting: 3,
    auth: 4,
    refused: 5,
    lost: 6,
    usage: 64,
    invalid: 65,
    bug: 70,
    temporary: 75,
    interrupted: 130,
    terminated: 143,
  });
  expect(new Set(Object.values(exitCodes).map(({ meaning }) => meaning)).size).toBe(13);
});

const FACTS = { project: null, subject: "workspace", why: "", unblock: "", until: null };
const ASKED: Hold = { ...FACTS, reason: "awaiting-approval" };
const LATER: Hold = { ...FACTS, reason: "retry-wait" };
const CALM: TickFacts = {
  end: "settled",
  isInvalid: false,
  hasFailed: false,
  lacksKey: false,
  booked: 0,
  holds: [LATER],
};

test.each<[string, Partial<TickFacts>, ExitName, ExitName]>([
  ["nothing", {}, "ok", "ok"],
  ["changes", { booked: 2 }, "ok", "changes"],
  ["a gate, with changes", { booked: 2, holds: [LATER, ASKED] }, "ok", "waiting"],
  ["an effect in doubt", { holds: [{ ...FACTS, reason: "uncertain-effect" }] }, "ok", "waiting"],
  [
    "a gate whose branch is gone",
    { holds: [{ ...FACTS, reason: "branch-missing" }] },
    "ok",
    "waiting",
  ],
  ["a failed run, and a gate", { hasFailed: true, holds: [ASKED] }, "failed", "failed"],
  ["a run that failed for want of a key", { hasFailed: true, lacksKey: true }, "auth", "auth"],
  ["a file with an error", { isInvalid: true, hasFailed: true }, "invalid", "invalid"],
  ["Ctrl-C", { end: "interrupted", hasFailed: true }, "interrupted", "interrupted"],
  ["no workspace", { end: "invalid" }, "invalid", "invalid"],
  ["a faster writer", { end: "raced", booked: 1 }, "lost", "lost"],
  ["no way to the origin", { end: "unpublished", holds: [ASKED] }, "temporary", "temporary"],
])("a tick that ended with %s", (_, changes, plain, detailed) => {
  const facts = { ...CALM, ...changes };

  expect([tickExit(facts, false), tickExit(facts, true)]).toEqual([plain, detailed]);
});

const QUIET: Plan = {
  commit: "",
  tip: null,
  actions: [],
  holds: [LATER],
  nextWake: null,
  forecast: NO_FORECAST,
  wants: [],
  queue: [],
};
const REMOVAL = { kind: "resource-prune", project: "shop", because: "" } as const;

test.each<[string, Partial<Plan>, ExitName]>([
  ["nothing", {}, "ok"],
  ["a gate", { holds: [ASKED] }, "waiting"],
  ["something to do, and a gate", { actions: [REMOVAL], holds: [ASKED] }, "changes"],
])("a plan of %s", (_, changes, detailed) => {
  const plan = { ...QUIET, ...changes };

  expect([planExit(plan, false), planExit(plan, true)]).toEqual(["ok", detailed]);
});

test.each<[readonly Outcome[], boolean]>([
  [[], false],
  [["auth", "auth"], true],
  [["auth", "crashed"], true],
  [["auth", "succeeded"], false],
  [["noop", "auth"], false],
  [["crashed"], false],
])("that attempts ended %j is for want of a key: %s", (outcomes, expected) => {
  expect(isForKeys(outcomes)).toBe(expected);
});
