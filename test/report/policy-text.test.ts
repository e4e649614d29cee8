import { expect, test } from "vitest";
import { renderPolicy } from "#runner/report/policy-text.ts";
import type { JudgedGate } from "#runner/core/gate/policy-report.ts";
import { look } from "./example.ts";

const gate: JudgedGate = {
  at: "2026-11-22T08:00:00.000Z",
  run: "chase.k3f9q2m7x0aa",
  project: "shop",
  pipeline: "chase",
  step: "review",
  ask: "risk",
  decision: "approved",
  risk: 40,
  now: {
    score: 50,
    factors: [
      { points: 40, why: "effects: external" },
      { points: 10, why: "new" },
    ],
  },
  asking: "unless",
  instead: "no",
};

test("a table says what came of each gate, what the policy makes of it today, and what another would", () => {
  const policy = { autoBelow: 25, gateFrom: 60, veto: "4h" } as const;

  const text = renderPolicy({ policy, instead: { ...policy, autoBelow: 60 }, gates: [gate] }, look);

  expect(text).toMatchInlineSnapshot(`
    "policy goes on below 25, asks from 60 on, between them it waits 4h
    instead goes on below 60, asks from 60 on, between them it waits 4h

    WHEN        GATE                     RISK  THEN      TODAY                      INSTEAD
    15 min ago  shop/chase review  40, now 50  approved  goes on unless you object  goes on

    shop/chase review
      +40 effects: external
      +10 new
    "
  `);
});

test("without gates there is nothing to judge", () => {
  expect(
    renderPolicy({ policy: { autoBelow: 25, gateFrom: 60 }, instead: null, gates: [] }, look),
  ).toBe(
    "policy goes on below 25, asks from 60 on, between them it asks\nNo gate was reached yet.\n",
  );
});
