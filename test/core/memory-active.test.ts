import { expect, test } from "vitest";
import { activeMemory } from "#runner/core/memory/memory-active.ts";
import type { MemoryRecord } from "#runner/schema/types.gen.ts";

const NOW = "2026-11-22T08:00:00.000Z";

function active(records: Readonly<Record<string, Partial<MemoryRecord>>>): string[] {
  const stored = Object.entries(records).map(([id, record]) => ({
    id,
    record: { kind: "fact" as const, subject: "a", ...record },
  }));
  return activeMemory(stored, NOW).map(({ id }) => id);
}

test.each([
  ["a record without dates", {}, true],
  ["one that holds from today", { validFrom: "2026-11-22" }, true],
  ["one that holds from tomorrow", { validFrom: "2026-11-23" }, false],
  ["one that held until today", { validTo: "2026-11-22" }, false],
  ["one that holds until tomorrow", { validTo: "2026-11-23" }, true],
  [
    "one that is older than its time to live",
    { ttl: "7d", recordedAt: "2026-11-15T08:00:00.000Z" },
    false,
  ],
  ["one that is younger", { ttl: "7d", recordedAt: "2026-11-15T08:00:00.001Z" }, true],
  [
    "one that is old and pinned",
    { ttl: "7d", recordedAt: "2026-01-01T00:00:00.000Z", pinned: true },
    true,
  ],
])("%s is in force: %o %s", (_, record, holds) => {
  expect(active({ one: record })).toEqual(holds ? ["one"] : []);
});

test("a superseded or retracted record is out", () => {
  expect(active({ old: {}, wrong: {}, new: { supersedes: ["old"], retracts: ["wrong"] } })).toEqual(
    ["new"],
  );
});

test("what supersedes counts once it holds, and not when it was retracted itself", () => {
  expect(active({ old: {}, next: { supersedes: ["old"], validFrom: "2026-12-01" } })).toEqual([
    "old",
  ]);
  expect(active({ old: {}, bad: { supersedes: ["old"] }, fix: { retracts: ["bad"] } })).toEqual([
    "old",
  ]);
});

test("what only says that another one is wrong is not in force itself; what takes its place is", () => {
  expect(active({ wrong: {}, fix: { retracts: ["wrong"] } })).toEqual([]);
  expect(active({ wrong: {}, right: { retracts: ["wrong"], supersedes: ["wrong"] } })).toEqual([
    "right",
  ]);
});
