/** What an approval at a gate was about beside what it showed: all that follows from it, and what that is made from. */
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { agentName } from "#runner/core/agent-reference.ts";
import type { AgentVersion, Earlier, OpenRun } from "#runner/core/model.ts";
import {
  isPipelineStep,
  shownSteps,
  stepsAfter,
  stepsBefore,
  stepsOf,
} from "#runner/core/step-graph.ts";
import { lastAttempts } from "#runner/core/unit-history.ts";
import { agentsNamedIn } from "#runner/core/undo/undo-step.ts";
import type { AttemptRecord, Step } from "#runner/schema/types.gen.ts";

/** What a run is made with. */
export type RunSpec = Pick<OpenRun, "pipeline" | "pipelines" | "agents">;

/** Whether an approval of the earlier run would be about the same again; in doubt it is not. */
export function isSameSubject(run: OpenRun, earlier: Earlier, gate: string): boolean {
  const { spec, params, hasSameBase } = earlier;
  if (spec === null || canonicalJson(params) !== canonicalJson(run.record.params)) return false;
  const now = subjectOf(run, gate);
  return (
    canonicalJson(now.steps) === canonicalJson(subjectOf(spec, gate).steps) &&
    (hasSameBase || !now.looksAround) &&
    hasSameBefore(run, earlier, gate)
  );
}

interface Subject {
  /** Steps with the trees of their agents, and of the runs that they start. */
  readonly steps: readonly object[];
  /** One of its agents sees more than what it is given. */
  readonly looksAround: boolean;
}

function subjectOf(spec: RunSpec, gate: string): Subject {
  const { pipeline } = spec;
  const after = [gate, ...stepsAfter(pipeline, gate)];
  const ids = new Set([...after, ...after.flatMap((id) => [...stepsBefore(pipeline, id)])]);
  const steps = stepsOf(pipeline).filter(({ id }) => ids.has(id));
  const whole = [...steps, ...calledBy(spec, steps, new Set())];
  const agents = whole.flatMap((step) => agentsOf(spec, step));
  return {
    steps: whole.map((step) => {
      return { step, agents: agentsOf(spec, step).map((agent) => agent?.tree ?? null) };
    }),
    looksAround: agents.some((agent) => agent === undefined || sees(agent)),
  };
}

function agentsOf({ agents }: RunSpec, step: Step): readonly (AgentVersion | undefined)[] {
  return agentsNamedIn(step).map((name) => agents.get(agentName(name)));
}

/** Steps of the pipelines that these steps call, directly or through others. */
function calledBy(spec: RunSpec, steps: readonly Step[], seen: Set<string>): readonly Step[] {
  return steps.filter(isPipelineStep).flatMap(({ pipeline: name }) => {
    const called = spec.pipelines.get(name);
    if (called === undefined || seen.has(name)) return [];
    seen.add(name);
    const own = stepsOf(called);
    return [...own, ...calledBy(spec, own, seen)];
  });
}

/** Whether what an agent does depends on more than its inputs. */
export function sees({ manifest: { reads = [], memory, history } }: AgentVersion): boolean {
  return reads.length > 0 || memory !== undefined || history !== undefined;
}

/** What a gate does not show may go on beside it all the same. */
function hasSameBefore({ pipeline, attempts }: OpenRun, earlier: Earlier, gate: string): boolean {
  const before = stepsBefore(pipeline, gate);
  const shown = shownSteps(pipeline);
  const steps = stepsOf(pipeline).filter(({ id }) => before.has(id));
  if (steps.some((step) => isPipelineStep(step) && !shown.has(step.id))) return false;
  const found = lastAttempts({ attempts }).filter(({ step }) => before.has(step));
  const then = lastAttempts({ attempts: earlier.attempts });
  return found.every(
    (attempt) =>
      // What has happened in the outside world happens once, and leaves no outputs a second time.
      attempt.effect !== undefined || then.some((other) => isSameResult(other, attempt)),
  );
}

function isSameResult(left: AttemptRecord, right: AttemptRecord): boolean {
  return (
    left.step === right.step &&
    left.item === right.item &&
    left.outputs?.digest === right.outputs?.digest
  );
}
