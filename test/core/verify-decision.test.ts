import { expect, test } from "vitest";
import { decisionProblems } from "#runner/core/verify/verify-decision.ts";
import type { DecidedItem, GateDecision } from "#runner/schema/types.gen.ts";
import { cite } from "../support/core-records.ts";
import { gateSettled } from "../support/ledger-events.ts";

function item(digest: string, decision: DecidedItem["decision"]): DecidedItem {
  const fixed = { show: "d", step: "draft", input: null, blob: null, outputs: cite(digest) };
  return { ...fixed, key: digest, digest, decision };
}

const DECISION: GateDecision = {
  run: "chase.aaaaaaaaaaaa",
  step: "review",
  gate: "g1",
  decision: "approved",
  by: "ada@northwind.example",
  via: "merge",
  reason: "",
  commit: null,
  at: "2026-11-22T10:00:00.000Z",
  risk: 0,
  items: [item("a", "approved"), item("b", "edited"), item("c", "rejected")],
  files: {},
};

test.each([
  [{ refused: ["c"] }, []],
  [{ refused: ["c"], pardoned: ["a", "b"] }, []],
  [{ refused: ["c", "r"], decided: ["memory/r.md"] }, []],
  [{ refused: ["c", "r"] }, ["its refused items are not those of the event"]],
  [
    { refused: ["c", "r"], decided: ["memory/r.md"], owned: { "memory/r.md": "b" } },
    ["its refused items are not those of the event"],
  ],
  [
    { refused: ["c", "r"], decided: ["memory/r.md"], decision: "withdrawn" as const },
    ["its refused items are not those of the event"],
  ],
  [{ refused: [] }, ["its refused items are not those of the event"]],
  [{ refused: ["c"], pardoned: ["c"] }, ["the event pardons what was not approved"]],
])("of an event with %j it says %j", (changes, expected) => {
  const event = gateSettled(changes);
  if (event.kind !== "gate-settled") throw new Error("another event");

  expect(decisionProblems(DECISION, event).map(({ message }) => message)).toEqual(expected);
});
