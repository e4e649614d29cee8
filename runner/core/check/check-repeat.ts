/** A repeated step: a condition on its own outputs, and nothing that must not happen once more. */
import { expressionFindings, type Found, pointer } from "./check-finding.ts";
import { type AgentTypes, untilScope } from "./check-scope.ts";
import { agentReference } from "./check-version-range.ts";
import { compileCondition, type Scope } from "#runner/core/expression/expression.ts";
import type { PlacedStep } from "./check-graph.ts";
import type { AgentStep } from "#runner/schema/types.gen.ts";

interface Place {
  readonly path: PlacedStep["path"];
  /** Without the item and the iteration. */
  readonly scope: Scope;
  readonly types: AgentTypes;
}

export function checkRepeat(step: AgentStep, { path, scope, types }: Place): readonly Found[] {
  const { repeat } = step;
  if (repeat === undefined) return [];
  const condition = compileCondition(repeat.until, { ...scope, ...untilScope(step, types) });
  const errors = condition.ok ? [] : condition.errors;
  return [
    ...expressionFindings([...path, "repeat", "until"], errors),
    ...checkAlone(step, path),
    ...checkWrites(step, path, types),
  ];
}

function checkAlone(step: AgentStep, path: PlacedStep["path"]): readonly Found[] {
  if (step.forEach === undefined) return [];
  const message = "repeat does not go with forEach: each item is worked on once";
  return [{ code: "step/repeat", pointer: pointer(...path, "repeat"), part: "key", message }];
}

/** A file of an iteration that is not good yet would go to main like any other. */
function checkWrites(
  step: AgentStep,
  path: PlacedStep["path"],
  { agents }: AgentTypes,
): readonly Found[] {
  const { name } = agentReference(step.agent);
  const { writes = [] } = agents.get(name) ?? {};
  if (writes.length === 0) return [];
  const message = `agent ${name} writes files, and those of every iteration would go to main`;
  const hint = "let it give outputs, and let a later step write them";
  return [{ code: "step/repeat", pointer: pointer(...path, "repeat"), part: "key", message, hint }];
}
