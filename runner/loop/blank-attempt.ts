/** What is known of an attempt before its agent has said anything. */
import { digestOf } from "#runner/core/canonical-json.ts";
import type { StepAdopt, StepStart } from "#runner/core/action.ts";
import type { AgentVersion, OpenRun } from "#runner/core/model.ts";
import type { PayloadDraft } from "#runner/core/transaction.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";
import type { View } from "./engine.ts";

/** The open run of an action, and the version of its agent that the run is pinned to. */
export function whoOf(
  view: View,
  action: { readonly run: string; readonly agent: string },
): { readonly run: OpenRun; readonly agent: AgentVersion } {
  const run = view.observed.runs.get(action.run);
  const agent = run?.agents.get(action.agent);
  if (run === undefined || agent === undefined) {
    throw new Error(`${action.run} or its agent ${action.agent} is unknown`);
  }
  return { run, agent };
}

export function blankAttempt(
  view: View,
  action: StepStart | StepAdopt,
  payload: PayloadDraft,
): AttemptRecord {
  const { agent } = whoOf(view, action);
  return {
    run: action.run,
    step: action.step,
    item: action.item,
    attempt: action.attempt,
    ...(action.iteration === undefined ? {} : { iteration: action.iteration }),
    state: "finished",
    agent: agent.name,
    version: agent.manifest.version,
    agentTree: agent.tree,
    key: digestOf({ agent: agent.tree, inputs: action.inputs }),
    inputs: payload.addValue(action.inputs),
    ...(action.itemInput === undefined ? {} : { itemInput: payload.addValue(action.itemInput) }),
    outputs: null,
    startedAt: "",
    finishedAt: null,
    outcome: null,
    reason: "",
    rung: "",
    deliverables: [],
    memory: { recalled: [], admitted: [], refused: [] },
    rationale: "",
    costMicros: 0,
    basis: "free",
  };
}
