/** Since when a step could go on, from recorded instants alone: every runner sees the same. */
import type { RunContext } from "./step-plan.ts";
import { needsOf, stepNamed } from "./step-graph.ts";
import type { Step } from "#runner/schema/types.gen.ts";

/** When everything that the step needs was over, as it is recorded; at the earliest the start of the run. */
export function readySince(context: RunContext, step: Step): string {
  const instants = needsOf(step).map((id) => endInstant(context, id));
  return instants.reduce((last, at) => (at > last ? at : last), context.run.record.startedAt);
}

/** A step that left no record, such as one without items, was over when it could have started. */
function endInstant(context: RunContext, id: string): string {
  const { run, observed } = context;
  const instants = [
    ...run.attempts.flatMap(({ step, finishedAt }) => (step === id ? [finishedAt ?? ""] : [])),
    ...run.decisions.flatMap(({ step, at }) => (step === id ? [at] : [])),
    ...run.waits.flatMap(({ step, at }) => (step === id ? [at] : [])),
    ...[...observed.handled.values()].flatMap((handled) =>
      handled?.parent === run.record.id && handled.step === id ? [handled.end?.at ?? ""] : [],
    ),
  ];
  const step = stepNamed(run.pipeline, id);
  const start = step === undefined || instants.length > 0 ? "" : readySince(context, step);
  return instants.reduce((last, at) => (at > last ? at : last), start);
}
