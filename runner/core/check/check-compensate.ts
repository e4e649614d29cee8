/** How effects are undone: by an agent that is called like a step, or not at all and why. */
import { ancestors, placedSteps } from "./check-graph.ts";
import { type Found, pointer } from "./check-finding.ts";
import { calledAgent, checkInput } from "./check-input.ts";
import { type AgentTypes, itemType } from "./check-scope.ts";
import { checkReference } from "./check-step.ts";
import { agentReference } from "./check-version-range.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { isAgentStep } from "#runner/core/step-graph.ts";
import { DYN, type ValueType, valueTypeOf } from "#runner/core/expression/value-type.ts";
import type { AgentStep, Compensate, Pipeline } from "#runner/schema/types.gen.ts";

interface Around {
  /** With all steps of the pipeline. */
  readonly scope: Scope;
  readonly types: AgentTypes;
}

export function checkCompensations(pipeline: Pipeline, around: Around): readonly Found[] {
  return placedSteps(pipeline).flatMap(({ step, path: [list, index] }) => {
    if (!isAgentStep(step) || step.compensate === undefined) return [];
    const path = [list, index, "compensate"];
    if (list === "onFailure" && step.compensate.agent !== undefined) return [isForGood(path)];
    const scope = earlierSteps(around.scope, ancestors(pipeline, step.id));
    return checkCompensate(step, step.compensate, { path, scope, types: around.types });
  });
}

interface Place extends Around {
  readonly path: Path;
}

function checkCompensate(step: AgentStep, compensate: Compensate, place: Place): readonly Found[] {
  const { agent, none } = compensate;
  const { path } = place;
  if ((agent === undefined) === (none === undefined)) {
    const message = "compensate has either agent or none";
    const hint = "such as compensate: { none: a sent mail cannot be recalled }";
    return [{ code: "effect/compensate", pointer: pointer(...path), message, hint }];
  }
  if (agent === undefined) return withoutAgent(compensate, path);
  const { name } = agentReference(agent);
  const manifest = place.types.agents.get(name) ?? null;
  const done = place.types.agents.get(agentReference(step.agent).name);
  return [
    ...(done && done.effects !== "external" ? [nothingToUndo(step, path)] : []),
    ...checkReference(agent, place, [...path, "agent"]),
    ...(manifest === null || manifest.effects === "external" ? [] : [notExternal(name, path)]),
    ...checkInput({
      path,
      with: compensate.with,
      scope: scopeOf(step, place),
      callee: calledAgent(name, manifest, place.types.shared),
    }),
  ];
}

type Path = readonly (string | number)[];

function withoutAgent(compensate: Compensate, path: Path): readonly Found[] {
  const idle = (["with", "timeout"] as const).filter((key) => compensate[key] !== undefined);
  return idle.map((key) => ({
    code: "effect/compensate",
    pointer: pointer(...path, key),
    part: "key",
    message: `${key} is for an agent, and compensate says that there is none`,
  }));
}

/** What is done because a run failed is not undone because it failed. */
function isForGood(path: Path): Found {
  const message = "what a step of onFailure does is not undone";
  const hint = "write none, and why that is right";
  return {
    code: "effect/compensate",
    pointer: pointer(...path, "agent"),
    part: "key",
    message,
    hint,
  };
}

function nothingToUndo({ id, agent }: AgentStep, path: Path): Found {
  const message = `step ${id} has nothing to undo: agent ${agentReference(agent).name} has no external effect`;
  const at = { pointer: pointer(...path), part: "key" } as const;
  return { code: "effect/compensate", ...at, message, hint: "remove it" };
}

/** What undoes an effect is one: its intent is published before it, and it happens once. */
function notExternal(name: string, path: Path): Found {
  const message = `agent ${name} undoes an external effect, so it must have effects: external`;
  return { code: "effect/compensate", pointer: pointer(...path, "agent"), message };
}

/** What the step sees, and what it left. */
function scopeOf(step: AgentStep, { scope, types }: Place): Scope {
  const agent = types.agents.get(agentReference(step.agent).name);
  const typeOf = (schema: unknown): ValueType => valueTypeOf(schema, types.shared);
  return {
    ...scope,
    ...(step.forEach === undefined ? {} : { item: itemType(step, scope) }),
    receipt: { kind: "object", fields: {}, open: true },
    inputs: agent ? typeOf(agent.inputs) : DYN,
    outputs: agent ? typeOf(agent.outputs) : DYN,
  };
}

function earlierSteps(scope: Scope, earlier: ReadonlySet<string>): Scope {
  const { steps } = scope;
  if (steps?.kind !== "object") return scope;
  const fields = Object.fromEntries(Object.entries(steps.fields).filter(([id]) => earlier.has(id)));
  return { ...scope, steps: { ...steps, fields } };
}
