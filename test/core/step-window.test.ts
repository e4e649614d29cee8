import { expect, test } from "vitest";
import { agent, mailer, project, workspace } from "../support/core-builders.ts";
import { attempt } from "../support/core-records.ts";
import { mine, once, planOf, type Situation } from "../support/planned-unit.ts";

const MONDAY = workspace([project()], {
  settings: {
    policy: {
      windows: [
        { allow: "mondays", days: "mon" },
        { deny: "idle hands", days: "sun", for: { effects: ["none"] } },
      ],
    },
  },
});
const OPENS = "2026-11-23T00:00:00.000Z";

test.each<[string, Situation]>([
  ["an effect", { step: once, receipts: [] }],
  ["a step that the window names by its effects", { agent: agent("send") }],
  [
    "another try of what failed",
    {
      step: once,
      receipts: [{ ...mine, state: "intended" }],
      agent: mailer({ idempotency: "native" }),
      attempts: [attempt("send", { outcome: "crashed", retryAt: "2026-11-22T09:00:00.000Z" })],
    },
  ],
])("outside of its window %s does not begin, and says when it does", (_, situation) => {
  expect(planOf({ ...situation, workspace: MONDAY })).toMatchObject({
    actions: [],
    holds: [{ reason: "outside-window", until: OPENS }],
    wakes: [OPENS],
  });
});

test.each<[string, Situation, string]>([
  [
    "what happened already is known",
    { receipts: [{ state: "happened" }], undoing: [] },
    "step-adopt",
  ],
  [
    "what a crash has left is brought to its end",
    {
      receipts: [{ ...mine, state: "intended" }],
      agent: mailer({ idempotency: "native" }),
      attempts: [attempt("send", { state: "intended", outcome: null })],
    },
    "step-start",
  ],
])("at any time %s", (_, situation, kind) => {
  const plan = planOf({ step: once, ...situation, workspace: MONDAY });

  expect(plan.actions).toMatchObject([{ kind }]);
});
