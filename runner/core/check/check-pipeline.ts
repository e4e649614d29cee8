/** One pipeline with everything that it names. */
import { checkBudget, type Spender } from "./check-budget.ts";
import { checkCalls } from "./check-call.ts";
import { checkEffects } from "./check-effect.ts";
import { checkCompensations } from "./check-compensate.ts";
import { expressionFindings, type Found, pointer } from "./check-finding.ts";
import { checkGoalTrigger } from "./check-goal.ts";
import { checkGraph, type PlacedStep } from "./check-graph.ts";
import { checkSchedule } from "./check-schedule.ts";
import { type AgentTypes, failureScope, pipelineScope, scopeWithSteps } from "./check-scope.ts";
import { checkStep } from "./check-step.ts";
import { agentReference } from "./check-version-range.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { stepsOf } from "#runner/core/step-graph.ts";
import { agentsNamedIn } from "#runner/core/undo/undo-step.ts";
import type { Param, Pipeline, Project, Step, Workspace } from "#runner/schema/types.gen.ts";

/** All that a pipeline's check looks at besides the pipeline. */
export interface PipelineSurroundings {
  /** null: missing or invalid. */
  readonly settings: Workspace | null;
  /** The project's; null when its project.yaml is missing or invalid. */
  readonly goals: NonNullable<Project["goals"]> | null;
  readonly types: AgentTypes;
}

const DEFAULT_SWEEP = "15m";

export function checkPipeline(
  name: string,
  pipeline: Pipeline,
  around: PipelineSurroundings,
): readonly Found[] {
  const { types } = around;
  const { steps, onFailure, found } = checkGraph(pipeline);
  const scope = scopeWithSteps(pipelineScope(pipeline), stepsIn(steps), types);
  const afterFailure = scopeWithSteps(failureScope(scope), stepsIn(onFailure), types);
  return [
    ...found,
    ...checkTriggers(name, pipeline, around),
    ...checkReplace(pipeline),
    ...Object.entries(pipeline.params ?? {}).flatMap(checkParam),
    ...steps.flatMap(({ step, path }) => checkStep(step, { path, scope, types })),
    ...onFailure.flatMap(({ step, path }) => checkStep(step, { path, scope: afterFailure, types })),
    ...checkCalls(name, pipeline, types.pipelines),
    ...checkOutputs(pipeline, scope),
    ...checkEffects(pipeline, types.agents),
    ...checkCompensations(pipeline, { scope, types }),
    ...checkBudget(pipeline.budget, agentsOf(pipeline, types)),
  ];
}

function stepsIn(placed: readonly PlacedStep[]): readonly Step[] {
  return placed.map(({ step }) => step);
}

function checkTriggers(
  name: string,
  pipeline: Pipeline,
  { settings, goals }: PipelineSurroundings,
): readonly Found[] {
  const { schedule, changes = [] } = pipeline.triggers ?? {};
  const clock = {
    timezone: timezoneOf(settings ?? {}),
    sweep: settings?.schedules?.sweep ?? DEFAULT_SWEEP,
  };
  return [
    ...(schedule === undefined ? [] : checkSchedule(schedule, clock)),
    ...(goals === null ? [] : checkGoalTrigger(name, pipeline, goals)),
    ...changes.flatMap(checkChanges),
  ];
}

/** A run that is replaced by the next one neither lets it start beside itself nor leaves it to others. */
function checkReplace({ concurrency, triggers }: Pipeline): readonly Found[] {
  if (concurrency?.policy !== "replace") return [];
  const found: Found[] = [];
  const code = "concurrency/replace";
  if (concurrency.releaseAt !== undefined) {
    const message =
      "releaseAt has no meaning with replace: the next run does not wait for the open one";
    const at = pointer("concurrency", "releaseAt");
    found.push({ code, pointer: at, part: "key", message, hint: "remove it" });
  }
  if (triggers?.schedule?.catchUp === "all") {
    const message = "of all missed times, replace would leave only the latest run";
    const at = pointer("triggers", "schedule", "catchUp");
    found.push({ code, pointer: at, message, hint: "write latest" });
  }
  return found;
}

/** The valid agents that a pipeline uses. */
export function agentsOf(pipeline: Pipeline, { agents }: AgentTypes): readonly Spender[] {
  return agentNames(pipeline).flatMap((name) => {
    const manifest = agents.get(name) ?? null;
    return manifest === null ? [] : [{ name, manifest }];
  });
}

/** Names of the agents that a pipeline uses, whether they exist or not. */
export function agentNames(pipeline: Pipeline): readonly string[] {
  return stepsOf(pipeline).flatMap((step) =>
    agentsNamedIn(step).map((reference) => agentReference(reference).name),
  );
}

function checkChanges(glob: string, index: number): readonly Found[] {
  if (glob.includes("${{")) {
    const message = `${glob} would never start anything: globs hold no expressions`;
    const hint = "write the paths as they are, relative to the project's folder";
    return [
      { code: "changes/expression", pointer: pointer("triggers", "changes", index), message, hint },
    ];
  }
  if (!glob.startsWith("/") && !glob.split("/").includes("..")) return [];
  const message = `${glob} leaves the project's folder`;
  return [{ code: "path/escape", pointer: pointer("triggers", "changes", index), message }];
}

function checkParam([name, param]: readonly [string, Param]): readonly Found[] {
  const values: readonly (readonly [(string | number)[], unknown])[] = [
    ...(param.default === undefined ? [] : [[["default"], param.default] as [string[], unknown]]),
    ...(param.enum ?? []).map((value, index): [(string | number)[], unknown] => [
      ["enum", index],
      value,
    ]),
  ];
  const found = values
    .filter(([, value]) => !isOfType(value, param.type))
    .map(([path, value]): Found => ({
      code: "param/type",
      pointer: pointer("params", name, ...path),
      message: `${JSON.stringify(value)} is not ${param.type === "integer" ? "an" : "a"} ${param.type}`,
    }));
  if (param.default === undefined || param.enum === undefined) return found;
  if (param.enum.some((value) => value === param.default)) return found;
  const message = `the default ${JSON.stringify(param.default)} is not one of the allowed values`;
  return [
    ...found,
    { code: "param/default", pointer: pointer("params", name, "default"), message },
  ];
}

function isOfType(value: unknown, type: Param["type"]): boolean {
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

function checkOutputs(pipeline: Pipeline, scope: Scope): readonly Found[] {
  return Object.entries(pipeline.outputs ?? {}).flatMap(([name, { value }]) => {
    const compiled = compileValue(value, scope);
    return compiled.ok ? [] : expressionFindings(["outputs", name, "value"], compiled.errors);
  });
}
