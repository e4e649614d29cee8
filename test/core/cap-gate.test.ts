import { expect, test } from "vitest";
import type { GateOpen } from "#runner/core/gate/gate-action.ts";
import type { Observed, OpenRun } from "#runner/core/model.ts";
import { plan } from "#runner/core/plan.ts";
import type { Action, Plan } from "#runner/core/action.ts";
import type { Budget } from "#runner/schema/types.gen.ts";
import {
  agent,
  live,
  NOW,
  observed,
  openRun,
  pipeline,
  pipelineState,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, openGate } from "../support/core-records.ts";

const CAP: Budget = { per: "day", wall: "30s", onExhausted: "gate" };
const SECOND = "chase.bbbbbbbbbbbb";
const OF = pipeline([step("work")]);

interface Held {
  readonly workspace?: readonly Budget[];
  readonly project?: readonly Budget[];
  readonly invalid?: readonly string[];
  readonly runs?: readonly string[];
  readonly facts?: Partial<Observed>;
  readonly forecast?: OpenRun["record"]["forecast"];
}

/** The plan of runs whose only step may work for a minute, which no cap of half a minute allows. */
function planOf(held: Held): Plan {
  const runs = (held.runs ?? ["chase.aaaaaaaaaaaa"]).map((id) => {
    const record = { id, ...(held.forecast && { forecast: held.forecast }) };
    return [id, openRun(OF, { record, agents: [agent("work")] })] as const;
  });
  const version = project({
    manifest: { budget: [...(held.project ?? [])] },
    pipelines: { chase: OF },
    agents: [agent("work")],
  });
  const settings = { budget: [...(held.workspace ?? [])] };
  const invalid = new Map((held.invalid ?? []).map((name) => [name, "is not valid"]));
  const state = live({
    openRuns: runs.map(([id]) => id),
    pipelines: { chase: pipelineState() },
  });
  const seen = observed([state], { runs: new Map(runs), ...held.facts });
  return plan(workspace([version], { settings, invalid }), seen, NOW);
}

function gatesOf({ actions }: Plan): readonly GateOpen[] {
  return actions.filter((action: Action) => action.kind === "gate-open");
}

test("one gate asks for all runs that the same cap holds", () => {
  const next = planOf({ workspace: [CAP], runs: ["chase.aaaaaaaaaaaa", SECOND] });

  expect(gatesOf(next)).toHaveLength(1);
  expect(next.holds.filter(({ reason }) => reason === "budget-exceeded")).toHaveLength(2);
});

test("the gate is of high risk, whatever the policy calls high", () => {
  const [gate] = gatesOf(planOf({ workspace: [CAP] }));

  expect(gate?.gate.risk.score).toBe(90);
  expect(gate?.gate.raises).toMatchObject({ axis: "ms", from: 30_000, to: 120_000 });
});

test("a cap of a file that is not in force as it stands on main is not asked about", () => {
  const invalid = ["shop"];

  expect(gatesOf(planOf({ project: [CAP] }))).toHaveLength(1);
  expect(gatesOf(planOf({ project: [CAP], invalid }))).toEqual([]);
  expect(gatesOf(planOf({ workspace: [CAP], invalid }))).toHaveLength(1);
});

test("a run that is called off asks for nothing", () => {
  const cancel = {
    ...({ id: "r1", kind: "cancel", project: "shop", run: "chase.aaaaaaaaaaaa" } as const),
    by: ADA,
    at: NOW,
    reason: "",
    keep: false,
  };

  expect(gatesOf(planOf({ workspace: [CAP], facts: { requests: [cancel] } }))).toEqual([]);
});

test("another gate that shows the same file goes first", () => {
  const rival = openGate({ id: "other-1", run: SECOND, claims: ["fettle.yaml"] });
  const next = planOf({ workspace: [CAP], facts: { gates: new Map([["other-1", rival]]) } });

  expect(gatesOf(next)).toEqual([]);
  expect(next.holds.map(({ reason }) => reason)).toContain("claimed");
});
