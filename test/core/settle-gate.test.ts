import { expect, test } from "vitest";
import type { GateSettle, SettledItem } from "#runner/core/gate/gate-action.ts";
import { settledEvent } from "#runner/core/gate/settle-gate.ts";
import type { Deliverable } from "#runner/schema/types.gen.ts";
import { gateStep, openRun, pipeline, step } from "../support/core-builders.ts";
import { attempt, BLOB, cite } from "../support/core-records.ts";

const AT = "2026-11-22T10:00:00.000Z";

function file(path: string): Deliverable {
  return { path, content: cite(path), blob: BLOB, was: null, bytes: 1 };
}

function item(digest: string, decision: SettledItem["decision"]): SettledItem {
  const outputs = { kind: "value", value: digest } as const;
  return {
    show: "drafts",
    key: digest,
    step: "draft",
    digest,
    input: null,
    outputs,
    decision,
    blob: null,
  };
}

function settle(changes: Partial<GateSettle>): GateSettle {
  return {
    kind: "gate-settle",
    project: "shop",
    because: "",
    gate: "g1",
    run: "chase.aaaaaaaaaaaa",
    step: "review",
    decision: "approved",
    by: "ada@northwind.example",
    via: "merge",
    reason: "",
    commit: null,
    risk: 40,
    request: null,
    items: [],
    files: {},
    ...changes,
  };
}

const RUN = openRun(
  pipeline([
    step("draft"),
    step("other"),
    gateStep("review", { drafts: "${{ steps.draft.outputs }}" }),
  ]),
  {
    attempts: [
      attempt("draft", { attempt: 1, outcome: "crashed", deliverables: [file("half.md")] }),
      attempt("draft", { attempt: 2, deliverables: [file("draft.md")] }),
      attempt("other", { deliverables: [file("other.md")] }),
    ],
  },
);

test.each([
  ["not-asked", ["draft.md"]],
  ["approved", []],
  ["rejected", []],
] as const)("a gate that is %s sends to main what it shows: %o", (decision, paths) => {
  const event = settledEvent(settle({ decision }), { at: AT, run: RUN, refused: {} });

  expect(event).toMatchObject({ kind: "gate-settled", decision, at: AT });
  expect("pending" in event && event.pending.map((one) => [one.path, one.step])).toEqual(
    paths.map((path) => [path, "draft"]),
  );
});

test("what was rejected is remembered, what was approved on main is owned", () => {
  const items = [item("d1", "approved"), item("d2", "rejected"), item("d3", "edited")];

  const event = settledEvent(settle({ items, files: { "a.md": BLOB } }), {
    at: AT,
    run: RUN,
    refused: {},
  });

  expect(event).toMatchObject({ refused: ["d2"], owned: { "a.md": BLOB } });
});

test.each([
  ["approved", ["d1", "d3"]],
  ["rejected", undefined],
  ["expired", undefined],
] as const)("what was refused before is pardoned where a gate is %s: %o", (decision, pardoned) => {
  const items = [item("d1", "approved"), item("d2", "rejected"), item("d3", "edited")];
  const refused = { d1: AT, d2: AT, d3: AT, d4: AT };

  const event = settledEvent(settle({ decision, items }), { at: AT, run: RUN, refused });

  expect("pardoned" in event ? event.pardoned : undefined).toEqual(pardoned);
});

test.each([
  ["approved by an operator", {}, { pipeline: "chase", makers: ["draft@1.0.0"] }],
  ["approved without having been asked", { gate: null }, undefined],
  ["not objected to", { decision: "not-objected" }, undefined],
  ["a cap that is raised", { step: "draft" }, undefined],
] satisfies readonly (readonly [string, Partial<GateSettle>, object | undefined])[])(
  "whose work it was is remembered of a gate that is %s",
  (_, changes, review) => {
    const event = settledEvent(settle(changes), { at: AT, run: RUN, refused: {} });

    expect("review" in event ? event.review : undefined).toEqual(review);
  },
);
