/** A gate takes the highest risk of the steps that come after it. */
import { costOf } from "./cost.ts";
import { agentName } from "./agent-reference.ts";
import type { AgentVersion } from "./model.ts";
import { hearsOutside } from "./outside-text.ts";
import { riskOf } from "./risk.ts";
import { agentStepsAfter, agentStepsBefore } from "./step-graph.ts";
import type { RunContext } from "./step-plan.ts";
import type { AgentStep, GateStep, Risk } from "#runner/schema/types.gen.ts";

const NO_RISK: Risk = { score: 0, factors: [] };

export function gateRisk(context: RunContext, gate: GateStep, items: number): Risk {
  const { run, workspace } = context;
  const taint = taintBefore(context, gate);
  const risks = agentStepsAfter(run.pipeline, gate.id).map((step) => {
    const agent = run.agents.get(agentName(step.agent));
    return riskOf({ ...factsOf(context, step, agent), items, taint }, workspace.settings.policy);
  });
  return risks.reduce((highest, risk) => (risk.score > highest.score ? risk : highest), NO_RISK);
}

function factsOf(
  context: RunContext,
  step: AgentStep,
  agent: AgentVersion | undefined,
): Omit<Parameters<typeof riskOf>[0], "items" | "taint"> {
  const { record, attempts } = context.run;
  return {
    effects: effectsOf(agent),
    project: record.project,
    pipeline: record.pipeline,
    agent: agentName(step.agent),
    step: step.id,
    spendMicros: costOf(attempts),
    declared: agent?.manifest.risk ?? 0,
  };
}

/** An agent without declared effects that writes files changes the repository. */
function effectsOf(agent: AgentVersion | undefined): "none" | "repository" | "external" {
  if (agent === undefined) return "external";
  const { effects, writes } = agent.manifest;
  return effects ?? (writes === undefined || writes.length === 0 ? "none" : "repository");
}

/** Text from outside reached the gate when an agent before it may use the network, or tools. */
function taintBefore(context: RunContext, gate: GateStep): readonly string[] {
  const isOutside = agentStepsBefore(context.run.pipeline, gate.id).some((step) => {
    const agent = context.run.agents.get(agentName(step.agent));
    return agent !== undefined && hearsOutside(agent.manifest);
  });
  return isOutside ? ["external"] : [];
}
