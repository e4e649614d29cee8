import { expect, test } from "vitest";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { compactionFindings } from "#runner/loop/verify-compaction.ts";

const AT = "2026-03-02T09:00:00.000Z";
const COMPACTED: LedgerEvent = {
  kind: "state-compacted",
  at: AT,
  project: "",
  base: "b".repeat(40),
  runs: [],
  hours: [],
  days: [],
  receiptsBefore: null,
};
const REMOVED: LedgerEvent = { kind: "project-removed", at: AT, project: "shop" };

test("a compaction that stands alone on the commit that it names is in order", () => {
  expect(compactionFindings("c", "b".repeat(40), [COMPACTED])).toEqual([]);
  expect(compactionFindings("c", "a".repeat(40), [REMOVED])).toEqual([]);
});

test.each([
  ["shares its commit", "b".repeat(40), [COMPACTED, REMOVED], "other events"],
  ["was made from another commit", "a".repeat(40), [COMPACTED], "made from"],
])("a compaction that %s is found", (_, previous, events, words) => {
  expect(compactionFindings("c", previous, events)).toMatchObject([
    { rule: "compaction", where: "c", message: expect.stringContaining(words) },
  ]);
});
