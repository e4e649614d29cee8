/** Pipelines that start runs of each other: there is an end to it, and what is handed over fits. */
import { type Found, nameHint, pointer } from "./check-finding.ts";
import { type PlacedStep, placedSteps } from "./check-graph.ts";
import { isPipelineStep, stepsOf } from "#runner/core/step-graph.ts";
import type { Param, Pipeline, PipelineStep } from "#runner/schema/types.gen.ts";

/** null: the file is there and invalid. */
export type Pipelines = ReadonlyMap<string, Pipeline | null>;

type Path = PlacedStep["path"];

const DEEPEST = 5;

/** Steps of `name` that lead back to it, or too deep. */
export function checkCalls(
  name: string,
  pipeline: Pipeline,
  pipelines: Pipelines,
): readonly Found[] {
  const known = new Map(pipelines).set(name, pipeline);
  return placedSteps(pipeline).flatMap(({ step, path }) => {
    if (!isPipelineStep(step)) return [];
    const at = pointer(...path, "pipeline");
    const back = wayBack([name, step.pipeline], known);
    if (back !== null) {
      const message =
        back.length === 2
          ? `pipeline ${name} starts itself`
          : `these pipelines start each other without end: ${back.join(", ")}`;
      return [{ code: "ref/pipeline-cycle", pointer: at, message }];
    }
    const chain = [name, ...deepest(step.pipeline, known, [name])];
    if (chain.length <= DEEPEST) return [];
    const message = `${chain.length} pipelines wait for one another: ${chain.join(", ")}; at most ${DEEPEST} may`;
    return [{ code: "ref/pipeline-depth", pointer: at, message }];
  });
}

/** The pipeline exists, and values that are written as they are are among the allowed ones. */
export function checkCalled(
  step: PipelineStep,
  path: Path,
  pipelines: Pipelines,
): readonly Found[] {
  const called = pipelines.get(step.pipeline);
  if (called === undefined) {
    const message = `no pipeline is called ${step.pipeline}`;
    const hint = nameHint(step.pipeline, pipelines.keys());
    const at = pointer(...path, "pipeline");
    return [{ code: "ref/pipeline", pointer: at, message, hint }];
  }
  return Object.entries(called?.params ?? {}).flatMap(([name, param]) =>
    checkAllowed(step, { path, name, param }),
  );
}

interface Given {
  readonly path: Path;
  readonly name: string;
  readonly param: Param;
}

function checkAllowed(step: PipelineStep, { path, name, param }: Given): readonly Found[] {
  const value: unknown = Object.entries(step.with ?? {}).find(([key]) => key === name)?.[1];
  const allowed: readonly unknown[] | undefined = param.enum;
  if (value === undefined || allowed === undefined || allowed.includes(value)) return [];
  if (typeof value === "string" && value.includes("${{")) return [];
  const message = `pipeline ${step.pipeline}: the parameter ${name} must be one of ${allowed.join(", ")}`;
  return [{ code: "input/enum", pointer: pointer(...path, "with", name), message }];
}

function calledBy(name: string, pipelines: Pipelines): readonly string[] {
  const known = pipelines.get(name) ?? null;
  const steps = known === null ? [] : stepsOf(known);
  return [...new Set(steps.filter(isPipelineStep).map(({ pipeline }) => pipeline))];
}

/** A way from the last pipeline to the first; null when there is none. */
function wayBack(way: readonly string[], pipelines: Pipelines): readonly string[] | null {
  const [first = "", ...others] = way;
  const last = others.at(-1) ?? first;
  if (last === first && others.length > 0) return way;
  for (const next of calledBy(last, pipelines)) {
    if (others.includes(next)) continue;
    const found = wayBack([...way, next], pipelines);
    if (found !== null) return found;
  }
  return null;
}

/** The longest chain that begins with `name`. */
function deepest(name: string, pipelines: Pipelines, above: readonly string[]): readonly string[] {
  const below = calledBy(name, pipelines)
    .filter((next) => next !== name && !above.includes(next))
    .map((next) => deepest(next, pipelines, [...above, name]));
  const longest = below.reduce((most, one) => (one.length > most.length ? one : most), []);
  return [name, ...longest];
}
