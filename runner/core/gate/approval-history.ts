/** What operators have decided before, as rules of the policy see it. */
import { agentName } from "#runner/core/agent-reference.ts";
import { entryOf } from "#runner/core/entry.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import { agentStepsAfter, agentStepsBefore } from "#runner/core/step-graph.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { ActionFacts } from "./risk.ts";
import type { AttemptRecord, LiveProject } from "#runner/schema/types.gen.ts";

const TEMPLATE = "/template";

/** Who made what a gate shows, and who acts on it: `<agent>@<version>`, with `/template` where a template wrote it. */
export function makersAt(run: RunContext["run"], gate: string): readonly string[] {
  const before = new Set(agentStepsBefore(run.pipeline, gate).map(({ id }) => id));
  const made = run.attempts
    .filter(({ step, outcome }) => before.has(step) && outcome === "succeeded")
    .map(makerOf);
  const acting = agentStepsAfter(run.pipeline, gate).flatMap(({ agent }) => {
    const version = run.agents.get(agentName(agent));
    return version === undefined ? [] : [actorOf(version)];
  });
  return [...new Set([...made, ...acting])].toSorted();
}

function makerOf({ agent, version, rung }: AttemptRecord): string {
  return `${agent}@${version}${rung === "template" ? TEMPLATE : ""}`;
}

function actorOf({ name, manifest }: AgentVersion): string {
  return `${name}@${manifest.version}`;
}

/** Which of them are new here. */
export function noveltyOf(
  makers: readonly string[],
  live: Pick<LiveProject, "approvedMakers"> | undefined,
): ActionFacts["novelty"] {
  const known = new Set(live?.approvedMakers);
  const unknown = makers.filter((maker) => !known.has(maker));
  return [
    ...(unknown.every(isTemplate) ? [] : ["agent"]),
    ...(unknown.some(isTemplate) ? ["template"] : []),
  ];
}

function isTemplate(maker: string): boolean {
  return maker.endsWith(TEMPLATE);
}

/** What was decided of the gates of this step until now. */
export function approvalsOf(
  live: Pick<LiveProject, "pipelines"> | undefined,
  { pipeline, step }: { readonly pipeline: string; readonly step: string },
): ActionFacts["approvals"] {
  const reviews = entryOf(live?.pipelines, pipeline)?.reviews;
  const { approved, rejected } = entryOf(reviews, step) ?? { approved: 0, rejected: 0 };
  return { approved, rejected };
}
