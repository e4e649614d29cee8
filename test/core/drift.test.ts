import { expect, test } from "vitest";
import { planDelivery } from "#runner/core/delivery.ts";
import { planDrift } from "#runner/core/drift.ts";
import type { Drifted, Observed } from "#runner/core/model.ts";
import type { ProjectContext } from "#runner/core/project-context.ts";
import { live, project, projectContext } from "../support/core-builders.ts";
import { ADA, BLOB, MAIN, openGate, pending } from "../support/core-records.ts";

const EDITED = "e".repeat(40);

/** A project that has delivered `a`, which main holds otherwise by now. */
function context(drifted: Drifted, facts: Partial<Observed> = {}): ProjectContext {
  const own = live({ pending: [pending("a"), pending("b")] });
  const mainBlobs = new Map([
    ["a", null],
    ["b", null],
  ]);
  const found = projectContext(project(), { live: own, mainBlobs, ...facts });
  const inventories = new Map([["shop", { project: "shop", owned: { a: BLOB }, refused: {} }]]);
  const { observed } = found;
  const summaries = { ...observed.summaries, inventories };
  return { ...found, observed: { ...observed, summaries, drifted: new Map([["a", drifted]]) } };
}

test("an operator's edit is taken over", () => {
  expect(planDrift(context({ blob: EDITED, by: ADA }))).toMatchObject({
    actions: [
      {
        kind: "edit-adopt",
        because: `${ADA} changed a`,
        commit: MAIN,
        edits: [{ path: "a", from: BLOB, to: EDITED, by: ADA }],
      },
    ],
    holds: [],
  });
});

test.each([["eve@elsewhere.example"], [null]])(
  "an edit of %s is held, and so is what would be delivered over it",
  (by) => {
    const found = context({ blob: EDITED, by });

    expect(planDrift(found)).toMatchObject({
      actions: [],
      holds: [{ subject: "file:a", reason: "unknown-writer" }],
    });
    expect(planDelivery(found).actions).toMatchObject([{ paths: ["b"], setAside: [] }]);
  },
);

test("what is known of the file already is no news", () => {
  expect(planDrift(context({ blob: BLOB, by: ADA })).actions).toEqual([]);
});

test("what an open gate brings to main is the gate's", () => {
  const gates = new Map([["chase-1", openGate({ deliverables: [pending("a")] })]]);

  expect(planDrift(context({ blob: EDITED, by: ADA }, { gates })).actions).toEqual([]);
  expect(planDrift(context({ blob: EDITED, by: null }, { gates })).holds).toEqual([]);
});
