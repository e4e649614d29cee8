/** A gate takes the highest risk of the steps that come after it, and of the files that it shows. */
import { agentName } from "#runner/core/agent-reference.ts";
import { approvalsOf, makersAt, noveltyOf } from "./approval-history.ts";
import { costOf } from "#runner/core/money/cost.ts";
import { amountAfter } from "./gate-amount.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import { hearsOutside } from "#runner/core/outside-text.ts";
import { riskOf, type ActionFacts } from "./risk.ts";
import type { Scope } from "#runner/core/run-scope.ts";
import { agentStepsAfter, agentStepsBefore } from "#runner/core/step-graph.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { AgentStep, Deliverable, Effects, Risk, Step } from "#runner/schema/types.gen.ts";

/** A step that waits for a person. */
type Asking = Pick<Step, "id">;

const NO_RISK: Risk = { score: 0, factors: [] };

/** What a gate is about to show. */
export interface AboutToShow {
  readonly items: number;
  readonly deliverables: readonly Deliverable[];
  /** What the steps after it would see if all of it were approved. */
  readonly scope: Scope;
}

export function gateRisk(context: RunContext, gate: Asking, shown: AboutToShow): Risk {
  const { policy } = context.workspace.settings;
  const risks = actionsAfter(context, gate, shown).map((facts) => riskOf(facts, policy));
  return risks.reduce((highest, risk) => (risk.score > highest.score ? risk : highest), NO_RISK);
}

/** What happens once the gate is approved, as the policy's rules see it. */
function actionsAfter(
  context: RunContext,
  gate: Asking,
  shown: AboutToShow,
): readonly ActionFacts[] {
  const { run } = context;
  const common = commonFacts(context, gate, shown);
  const steps = agentStepsAfter(run.pipeline, gate.id).map((step) => {
    const agent = run.agents.get(agentName(step.agent));
    const effects = effectsOf(agent);
    const amount = amountAfter(context, { step, agent }, shown.scope);
    return {
      ...common,
      effects,
      reversibility: reversibilityOf(step, effects),
      agent: agentName(step.agent),
      step: step.id,
      declared: agent?.manifest.risk ?? 0,
      ...(amount === undefined ? {} : { amount }),
    };
  });
  if (shown.deliverables.length === 0) return steps;
  const merge = { effects: "repository", reversibility: "reversible", agent: "" } as const;
  return [...steps, { ...common, ...merge, step: gate.id, declared: 0, amount: 0 }];
}

type Common = Omit<
  ActionFacts,
  "effects" | "reversibility" | "agent" | "step" | "declared" | "amount"
>;

function commonFacts(context: RunContext, gate: Asking, shown: AboutToShow): Common {
  const { run, observed } = context;
  const { project, pipeline } = run.record;
  const live = observed.summaries.projects.get(project);
  const { items, deliverables } = shown;
  const lines = deliverables.map((file) => file.lines);
  const isKnown = lines.every((count) => count !== undefined);
  return {
    project,
    pipeline,
    items,
    spendMicros: costOf(run.attempts),
    paths: deliverables.map(({ path }) => path),
    diffFiles: deliverables.length,
    ...(isKnown ? { diffLines: lines.reduce((sum, count) => sum + count, 0) } : {}),
    taint: taintBefore(context, gate),
    novelty: noveltyOf(makersAt(run, gate.id), live),
    approvals: approvalsOf(live, { pipeline, step: gate.id }),
  };
}

/** An agent without declared effects that writes files changes the repository. */
export function effectsOf(agent: AgentVersion | undefined): Effects {
  if (agent === undefined) return "external";
  const { effects, writes } = agent.manifest;
  return effects ?? (writes === undefined || writes.length === 0 ? "none" : "repository");
}

/** What git holds can always be taken back. */
function reversibilityOf(
  { compensate }: Pick<AgentStep, "compensate">,
  effects: Effects,
): ActionFacts["reversibility"] {
  if (effects !== "external") return "reversible";
  return compensate?.agent === undefined ? "irreversible" : "compensable";
}

/** Text from outside reached the gate when an agent before it may use the network, or tools. */
function taintBefore(context: RunContext, gate: Asking): readonly string[] {
  const isOutside = agentStepsBefore(context.run.pipeline, gate.id).some((step) => {
    const agent = context.run.agents.get(agentName(step.agent));
    return agent !== undefined && hearsOutside(agent.manifest);
  });
  return isOutside ? ["external"] : [];
}
