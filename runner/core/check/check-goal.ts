/** Goals of a project: their metric, their pipelines, and the pipelines that name them. */
import { entryOf } from "#runner/core/entry.ts";
import { type Found, nameHint, pointer } from "./check-finding.ts";
import { calledAgent, checkInput } from "./check-input.ts";
import { type AgentTypes, GOAL_SCOPE } from "./check-scope.ts";
import { describeType, fieldOf, valueTypeOf } from "#runner/core/expression/value-type.ts";
import type { Agent, Goal, Pipeline } from "#runner/schema/types.gen.ts";

/** Pipelines by name; null: the file is there, and invalid. */
export type Pipelines = ReadonlyMap<string, Pipeline | null>;

export function checkGoal(
  name: string,
  goal: Goal,
  known: { readonly pipelines: Pipelines; readonly types: AgentTypes },
): readonly Found[] {
  return [
    ...checkMetric(["goals", name, "metric"], goal, known.types),
    ...checkTarget(name, goal),
    ...goal.pipelines.flatMap((pipeline, index) => {
      if (known.pipelines.has(pipeline)) return [];
      const at = pointer("goals", name, "pipelines", index);
      const hint = nameHint(pipeline, known.pipelines.keys());
      return [
        { code: "ref/pipeline", pointer: at, message: `no pipeline is called ${pipeline}`, hint },
      ];
    }),
  ];
}

/** `triggers.goal` of a pipeline and `pipelines` of that goal say the same thing from both sides. */
export function checkGoalTrigger(
  name: string,
  pipeline: Pipeline,
  goals: Readonly<Record<string, Goal>>,
): readonly Found[] {
  const goal = pipeline.triggers?.goal;
  const at = pointer("triggers", "goal");
  if (goal === undefined) {
    const [owner] = Object.entries(goals).filter(([, one]) => one.pipelines.includes(name));
    if (owner === undefined) return [];
    const message = `goal ${owner[0]} lists this pipeline, which does not name it`;
    const hint = `write triggers: { goal: ${owner[0]} }`;
    const place = pipeline.triggers === undefined ? "" : "/triggers";
    return [{ code: "goal/disagrees", pointer: place, part: "key", message, hint }];
  }
  const found = entryOf(goals, goal);
  if (found === undefined) {
    return [
      {
        code: "ref/goal",
        pointer: at,
        message: `no goal is called ${goal}`,
        hint: nameHint(goal, Object.keys(goals)),
      },
    ];
  }
  if (found.pipelines.includes(name)) return [];
  const message = `goal ${goal} does not list this pipeline`;
  return [
    {
      code: "goal/disagrees",
      pointer: at,
      message,
      hint: `add ${name} to its pipelines in project.yaml`,
    },
  ];
}

function checkMetric(
  path: readonly string[],
  { metric }: Goal,
  types: AgentTypes,
): readonly Found[] {
  const agent = types.agents.get(metric.agent);
  if (agent === undefined) {
    const hint = nameHint(metric.agent, types.agents.keys());
    return [
      {
        code: "ref/agent",
        pointer: pointer(...path, "agent"),
        message: `no agent is called ${metric.agent}`,
        hint,
      },
    ];
  }
  const input = checkInput({
    path,
    with: metric.with,
    scope: GOAL_SCOPE,
    callee: calledAgent(metric.agent, agent, types.shared),
  });
  return agent === null
    ? input
    : [
        ...input,
        ...checkMeasure(path, { output: metric.output, agent, types, name: metric.agent }),
      ];
}

interface Measure {
  readonly output: string;
  readonly name: string;
  readonly agent: Agent;
  readonly types: AgentTypes;
}

function checkMeasure(path: readonly string[], measure: Measure): readonly Found[] {
  const { agent, name, output } = measure;
  const found: Found[] = [];
  if (agent.effects === "external") {
    const message = `agent ${name} acts on the outside world; measuring must not`;
    found.push({ code: "goal/effects", pointer: pointer(...path, "agent"), message });
  }
  const outputs = valueTypeOf(agent.outputs, measure.types.shared);
  if (outputs.kind !== "object") return found;
  const field = fieldOf(outputs, output);
  const at = pointer(...path, "output");
  if (field === undefined) {
    if (outputs.open) return found;
    const hint = nameHint(output, Object.keys(outputs.fields));
    return [
      ...found,
      { code: "ref/output", pointer: at, message: `agent ${name} has no output ${output}`, hint },
    ];
  }
  if (["int", "double", "dyn"].includes(field.type.kind)) return found;
  const message = `a metric is a number; output ${output} is ${describeType(field.type)}`;
  return [...found, { code: "goal/metric-type", pointer: at, message }];
}

function checkTarget(name: string, { target }: Goal): readonly Found[] {
  const { min, max } = target;
  if (min === undefined || max === undefined || min <= max) return [];
  const message = `min ${min} is more than max ${max}: the goal can never be met`;
  return [{ code: "goal/target", pointer: pointer("goals", name, "target"), message }];
}
