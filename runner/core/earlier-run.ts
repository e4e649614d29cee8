/** A run that tries another one once more takes over what that one found out, where nothing says that it would differ. */
import { isSameSubject, sees, type RunSpec } from "#runner/core/gate/approval-subject.ts";
import { canonicalJson, digestOf } from "./canonical-json.ts";
import { feedbackOf } from "./feedback.ts";
import type { Earlier, OpenRun } from "./model.ts";
import { isDone } from "./outcome.ts";
import { endsIteration } from "./repeat.ts";
import { agentStepsBefore, stepsAfter } from "./step-graph.ts";
import { isAssent } from "#runner/core/gate/settle-gate.ts";
import type { UnitOfWork } from "./unit-action.ts";
import type {
  AgentStep,
  AttemptRecord,
  ClosedRun,
  GateDecision,
  RunRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";

/** The run that it tries once more, or undoes. */
export function beforeOf({
  retryOf,
  undoes,
}: RunRecord): { readonly run: string; readonly endedAt: string } | undefined {
  return retryOf ?? undoes;
}

/** What the run of this record may take over; undefined when it is no further try. `spec`: what the earlier one was made with. */
export function earlierOf(
  record: RunRecord,
  closed: ClosedRun,
  spec: RunSpec | null,
): Earlier | undefined {
  if (beforeOf(record) === undefined) return undefined;
  const { retryOf, base } = record;
  const { run, attempts, gates: decisions, waits = [], children = [] } = closed;
  const hasSameBase = canonicalJson(run.base) === canonicalJson(base);
  const { id, params } = run;
  const from = retryOf?.from ?? null;
  const made = { attempts, children, decisions, waits };
  return { run: id, from, spec, params, hasSameBase, ...made };
}

/** The result of the same work in the earlier run. */
export function keptResult(
  run: OpenRun,
  { step, agent, item }: UnitOfWork,
  inputs: Readonly<Record<string, unknown>>,
): AttemptRecord | undefined {
  const { earlier } = run;
  if (earlier === undefined || isAnew(run, step.id)) return undefined;
  // What was rejected in words is made anew, with them.
  if (feedbackOf(run, step.id) !== null) return undefined;
  const { manifest, tree } = agent;
  if (manifest.effects === "external") return undefined;
  if (sees(agent) && !seesTheSame(run, step.id)) return undefined;
  const digest = digestOf(inputs);
  return takenOver(earlier, step).findLast(
    (attempt) =>
      attempt.step === step.id &&
      attempt.item === item &&
      attempt.agentTree === tree &&
      attempt.inputs.digest === digest &&
      attempt.outcome !== null &&
      isDone(attempt.outcome),
  );
}

/** A repeated step that never came to what it should be is done anew. */
function takenOver({ attempts }: Earlier, { id, repeat }: AgentStep): Earlier["attempts"] {
  const last = attempts.findLast(({ step }) => step === id);
  return repeat === undefined || endsIteration(last) ? attempts : [];
}

/** Files are those of the base, and of the steps before. */
function seesTheSame({ earlier, pipeline, attempts }: OpenRun, step: string): boolean {
  const before = new Set(agentStepsBefore(pipeline, step).map(({ id }) => id));
  const isMadeAnew = attempts.some(
    (attempt) =>
      before.has(attempt.step) && attempt.keptFrom === undefined && attempt.effect === undefined,
  );
  return earlier?.hasSameBase === true && !isMadeAnew;
}

/** An approval, or an answer, of exactly what is shown now and of the same that follows from it, by somebody who may still approve. */
export function keptApproval(
  run: OpenRun,
  step: string,
  shown: { readonly digests: readonly string[]; readonly operators: readonly string[] },
): GateDecision | undefined {
  const { earlier } = run;
  if (earlier === undefined || isAnew(run, step)) return undefined;
  if (!isSameSubject(run, earlier, step)) return undefined;
  return earlier.decisions.find(
    (decision) =>
      decision.step === step &&
      isAssent(decision.decision) &&
      shown.operators.includes(decision.by) &&
      Object.keys(decision.files).length === 0 &&
      isSame(approvedDigests(decision), shown.digests),
  );
}

function approvedDigests({ items }: GateDecision): readonly string[] {
  return items.filter(({ decision }) => decision !== "rejected").map(({ digest }) => digest);
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.toSorted().join() === right.toSorted().join();
}

/** When a wait began that was over in the earlier run: time that has passed is not waited for again. */
export function waitedSince(run: OpenRun, step: string): string | undefined {
  if (isAnew(run, step)) return undefined;
  const isOver = (wait: WaitRecord): boolean => wait.step === step && wait.outcome === "succeeded";
  return run.earlier?.waits.find(isOver)?.since;
}

/** The step that was named, and what comes after it. */
export function isAnew({ earlier, pipeline }: OpenRun, step: string): boolean {
  const from = earlier?.from ?? null;
  if (from === null) return false;
  return step === from || stepsAfter(pipeline, from).has(step);
}
