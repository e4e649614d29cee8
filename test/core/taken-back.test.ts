import { expect, test } from "vitest";
import { calledOff, whyCalledOff } from "#runner/core/cancel.ts";
import { plan } from "#runner/core/plan.ts";
import {
  approvalsOf,
  isUndoProposed,
  takenBackHold,
  takenBackWords,
  type TakenBack,
} from "#runner/core/undo/taken-back.ts";
import { standingWords, stands } from "#runner/core/withdrawn-run.ts";
import type { CancelRequest, GateDecision } from "#runner/schema/types.gen.ts";
import {
  gateStep,
  live,
  NOW,
  observed,
  openRun,
  pipeline,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, decided } from "../support/core-records.ts";

const COMMIT = "c".repeat(40);
const PIPELINE = pipeline([step("write"), gateStep("review", {})]);
const TAKEN: TakenBack = { title: "Send them?", commit: COMMIT, by: ADA, isProven: true };

function decision(changes: Partial<GateDecision>): GateDecision {
  return decided({ step: "review", gate: "mail-1", commit: COMMIT, ...changes });
}

test.each<readonly [string, Partial<GateDecision>, readonly string[]]>([
  ["an approval", {}, ["mail-1"]],
  ["a rejection", { decision: "rejected" }, []],
  ["what nobody objected to", { decision: "not-objected", gate: "mail-1", commit: null }, []],
  ["what nobody was asked for", { decision: "not-asked", gate: null, commit: null }, []],
  ["a higher cap", { step: "cap-month" }, []],
  ["an approval of an earlier run", { gate: null, via: "earlier-run" }, ["mail-0"]],
])("of decisions main must hold %s or not", (_, changes, gates) => {
  const earlier = {
    run: "mail.0",
    from: null,
    spec: null,
    params: {},
    hasSameBase: true,
    attempts: [],
    children: [],
    decisions: [decision({ gate: "mail-0" })],
    waits: [],
  };
  const run = { ...openRun(PIPELINE, { decisions: [decision(changes)] }), earlier };

  expect(approvalsOf(run).map(({ gate }) => gate)).toEqual(gates);
});

test("what an operator took back ends the run; what somebody else took holds it, with what brings it back", () => {
  const run = openRun(PIPELINE);
  const proven = { ...run, takenBack: TAKEN };
  const strange = { ...run, takenBack: { ...TAKEN, by: "eve@elsewhere.example", isProven: false } };
  const unknown = { ...run, takenBack: { ...TAKEN, commit: null, by: null, isProven: false } };
  const seen = (one: typeof run) => observed([live()], { runs: new Map([[run.record.id, one]]) });
  const desired = workspace([project({ pipelines: { mail: PIPELINE } })]);

  expect([run, strange, unknown].map(takenBackWords)).toEqual([null, null, null]);
  expect(whyCalledOff(seen(proven), run.record)).toBe(
    `${ADA} took the approval of "Send them?" back on main (cccccccccc)`,
  );
  expect([run, proven, strange].map((one) => calledOff(seen(one)).size)).toEqual([0, 1, 0]);
  expect([run, proven].map((one) => takenBackHold(seen(one), one))).toEqual([null, null]);
  expect(takenBackHold(seen(strange), strange)?.unblock).toMatch(
    /^git revert cccccccccc {3}brings it back; fettle cancel/u,
  );
  expect(takenBackHold(seen(unknown), unknown)?.why).toContain("by somebody who cannot be told");
  expect(plan(desired, seen(strange), NOW)).toMatchObject({
    actions: [],
    holds: [{ reason: "approval-unproven" }],
  });
  const trigger = { kind: "pipeline", run: run.record.id, step: "call", item: null } as const;
  const child = openRun(PIPELINE, { record: { id: "child.1", trigger } });
  expect(takenBackHold(seen(strange), child)?.subject).toBe(`run:${run.record.id}`);
});

test("to undo is proposed of a run and of those that it waits for, until the run is cancelled by hand", () => {
  const run = { ...openRun(PIPELINE), takenBack: TAKEN };
  const { id } = run.record;
  const trigger = { kind: "pipeline", run: id, step: "call", item: "ann" } as const;
  const child = openRun(PIPELINE, { record: { id: "child.1", trigger } });
  const runs = new Map([run, child].map((one) => [one.record.id, one]));
  const cancel: CancelRequest = {
    kind: "cancel",
    id: "cancel-1",
    project: "shop",
    run: id,
    by: ADA,
    at: NOW,
    reason: "",
    keep: false,
  };
  const seen = observed([live()], { runs });
  const said = observed([live()], { runs, requests: [cancel] });

  expect([run, child].map(({ record }) => isUndoProposed(seen, record))).toEqual([true, true]);
  expect([run, child].map(({ record }) => isUndoProposed(said, record))).toEqual([false, false]);
});

test("of what was done it is told what can be undone and what cannot", () => {
  const effect = { step: "pay", told: [], how: "refunder" };
  const effects = [
    { ...effect, onceKey: "payment/1", state: "open" },
    { ...effect, onceKey: "told/1", state: "none", how: "a sent mail stays sent" },
    { ...effect, onceKey: "payment/2", state: "undone" },
    { ...effect, onceKey: "payment/3", state: "uncertain" },
  ] as const;
  const run = { project: "shop", run: "pay.1", title: "Pay", effects: effects.filter(stands) };

  expect(standingWords(run)).toBe(
    "the approval was taken back after it had been carried out; can be undone: payment/1; cannot be undone: told/1 (a sent mail stays sent)",
  );
});
