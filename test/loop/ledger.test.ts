import { expect, test } from "vitest";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { runnerPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { groupOf } from "#runner/loop/ledger.ts";
import { applied } from "../support/ledger-events.ts";

function group(event: LedgerEvent, files: readonly (readonly [string, object | null])[] = []) {
  const transactions = [transaction({ event, files })];
  return groupOf({ summaries: NO_SUMMARIES, transactions, refs: [] }, { isFirst: false });
}

test("a group holds the records, the summaries that differ and one event file", () => {
  const path = runnerPath("gone");

  const { stateFiles } = group(applied(), [[path, null]]).change;

  expect(stateFiles.get(path)).toBeNull();
  expect([...stateFiles.keys()].map((one) => one.split("/")[0])).toEqual([
    "runners",
    "live",
    "live",
    "inventory",
    "events",
  ]);
});

test("a summary that nobody could read again becomes no commit, and is named", () => {
  expect(() => group(applied({ project: "Website" }))).toThrow(
    "live/_workspace.json would be an invalid record on the state branch: /projects/0 must match",
  );
});

test.each([
  ["runners/desk.json", { id: 7 }, /\/id must be string|required/],
  ["notes/desk.json", {}, /no such file belongs on the state branch/],
])("the record %s that nobody could read again becomes no commit", (path, record, complaint) => {
  expect(() => group(applied(), [[path, record]])).toThrow(complaint);
});
