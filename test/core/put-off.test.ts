import { expect, test } from "vitest";
import { putOff, snoozeEnd } from "#runner/core/gate/put-off.ts";
import type { SnoozeRequest } from "#runner/schema/types.gen.ts";
import { EMPTY, NOW, project, workspace } from "../support/core-builders.ts";
import { ADA } from "../support/core-records.ts";

const BERLIN = { now: "2026-11-23T08:00:00.000Z", timezone: "Europe/Berlin" };

test.each([
  ["now", "2026-11-23T08:00:00.000Z"],
  ["2026-12-01", "2026-11-30T23:00:00.000Z"],
  ["2026-12-01 14:00", "2026-12-01T13:00:00.000Z"],
  ["2026-12-01T14:00", "2026-12-01T13:00:00.000Z"],
  ["2026-11-23 08:59", null],
  ["2027-02-30", null],
  ["2026-12-01 24:30", null],
  ["2028-01-01", null],
  ["tomorrow", null],
])("until %s is %s by the clock of the workspace", (until, instant) => {
  expect(snoozeEnd({ until, for: null }, BERLIN)).toBe(instant);
});

test.each([
  ["2d", "2026-11-25T08:00:00.000Z"],
  ["36h", "2026-11-24T20:00:00.000Z"],
  ["0d", null],
  ["-1d", null],
  ["400d", null],
  ["1.5h", null],
])("for %s is until %s", (duration, instant) => {
  expect(snoozeEnd({ until: null, for: duration }, BERLIN)).toBe(instant);
});

const LATER = "2026-11-24T10:00:00.000Z";
const AHEAD = "2026-11-23T23:00:00.000Z";

function before(changes: Partial<SnoozeRequest>): SnoozeRequest {
  const what = { id: "s1", kind: "snooze", project: "shop", gate: "chase-1" } as const;
  return { ...what, until: LATER, by: ADA, reason: "", at: "2026-11-22T09:00:00.000Z", ...changes };
}

function becomes(requests: readonly SnoozeRequest[], risk: number, until: string) {
  const facts = { workspace: workspace([project()]), observed: { ...EMPTY, requests }, now: NOW };
  return putOff(facts, { id: "chase-1", risk }, { until, reason: "" });
}

test.each([
  ["what is critical is not put off", [], 80, LATER, { kind: "critical", critical: 80 }],
  ["what is critical may be brought back", [], 80, NOW, { kind: "asked", at: NOW }],
  ["it is asked for", [], 70, LATER, { kind: "asked", at: NOW }],
  [
    "the same was said already",
    [before({})],
    70,
    LATER,
    { kind: "said-already", said: before({}) },
  ],
  [
    "another reason is another word",
    [before({ reason: "a holiday" })],
    70,
    LATER,
    { kind: "asked", at: NOW },
  ],
  [
    "it counts after a word whose clock was ahead",
    [before({ at: AHEAD })],
    70,
    NOW,
    { kind: "asked", at: "2026-11-23T23:00:00.001Z" },
  ],
])("%s", (_, requests, risk, until, expected) => {
  expect(becomes(requests, risk, until)).toEqual(expected);
});
