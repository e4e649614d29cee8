/** The expressions of one step against the types of what they see. */
import { checkCache } from "./check-cache.ts";
import { checkDegrade } from "./check-degrade.ts";
import { checkCalled } from "./check-call.ts";
import { expressionFindings, type Found, nameHint, pointer } from "./check-finding.ts";
import { calledAgent, checkInput } from "./check-input.ts";
import { checkRetry } from "./check-retry.ts";
import type { PlacedStep } from "./check-graph.ts";
import { checkRepeat } from "./check-repeat.ts";
import { type AgentTypes, itemType, iterationScope, paramsType } from "./check-scope.ts";
import { agentReference, isInRange } from "./check-version-range.ts";
import { compileCondition, type Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { isAskStep, isGateStep, isPipelineStep, isWaitStep } from "#runner/core/step-graph.ts";
import { checkAsk } from "./check-ask.ts";
import { checkWait } from "./check-wait.ts";
import { describeType, type ValueType } from "#runner/core/expression/value-type.ts";
import type { AgentStep, GateStep, PipelineStep, Step } from "#runner/schema/types.gen.ts";

/** A step with its place in the pipeline and the scope of the steps that it may name. */
export interface StepPlace {
  readonly path: PlacedStep["path"];
  readonly scope: Scope;
  readonly types: AgentTypes;
}

export function checkStep(step: Step, place: StepPlace): readonly Found[] {
  const condition = step.if === undefined ? undefined : compileCondition(step.if, place.scope);
  const errors = condition?.ok === false ? condition.errors : [];
  return [...expressionFindings([...place.path, "if"], errors), ...checkKind(step, place)];
}

function checkKind(step: Step, place: StepPlace): readonly Found[] {
  if (isGateStep(step)) return [...checkTitle(step, place), ...checkShown(step, place)];
  if (isAskStep(step)) return checkAsk(step, place);
  if (isWaitStep(step)) return checkWait(step, place);
  return isPipelineStep(step) ? checkPipelineStep(step, place) : checkAgentStep(step, place);
}

/** Text as it stands: an expression in it would be shown to the operator, not its value. */
function checkTitle({ gate }: GateStep, { path }: StepPlace): readonly Found[] {
  if (!gate.includes("${{")) return [];
  const message = "the title of a gate is shown as it is written, expressions and all";
  const hint = `write it without \${{ }}; "show" tells one proposal from another`;
  return [{ code: "gate/title", pointer: pointer(...path, "gate"), message, hint }];
}

function checkShown(step: GateStep, { path, scope }: StepPlace): readonly Found[] {
  return Object.entries(step.show).flatMap(([name, expression]) => {
    const compiled = compileValue(expression, scope);
    return compiled.ok ? [] : expressionFindings([...path, "show", name], compiled.errors);
  });
}

function checkAgentStep(step: AgentStep, place: StepPlace): readonly Found[] {
  const turn = step.repeat === undefined ? {} : iterationScope(step, place.types);
  const scope = { ...scopeOf(step, place), ...turn };
  const { name } = agentReference(step.agent);
  return [
    ...checkReference(step.agent, place, [...place.path, "agent"]),
    ...checkItems(step, place),
    ...checkRetry(step, place.path),
    ...checkRepeat(step, place),
    ...checkCache(step, place.types.agents.get(name) ?? null, place.path),
    ...checkDegrade(step, place.types.agents.get(name) ?? null, place.path),
    ...checkText([...place.path, "once", "key"], step.once?.key, scope),
    ...checkInput({
      path: place.path,
      with: step.with,
      scope,
      callee: calledAgent(name, place.types.agents.get(name) ?? null, place.types.shared),
    }),
  ];
}

function checkPipelineStep(step: PipelineStep, place: StepPlace): readonly Found[] {
  const { pipelines } = place.types;
  const called = pipelines.get(step.pipeline) ?? null;
  return [
    ...checkCalled(step, place.path, pipelines),
    ...checkItems(step, place),
    ...checkInput({
      path: place.path,
      with: step.with,
      scope: scopeOf(step, place),
      callee: {
        name: `pipeline ${step.pipeline}`,
        takes: "parameter",
        wanted: called === null ? null : paramsType(called),
      },
    }),
  ];
}

type ItemStep = AgentStep | PipelineStep;

function scopeOf(step: ItemStep, { scope }: StepPlace): Scope {
  return step.forEach === undefined ? scope : { ...scope, item: itemType(step, scope) };
}

function checkItems(step: ItemStep, place: StepPlace): readonly Found[] {
  const path = [...place.path, "itemKey"];
  return [
    ...checkList(step, place),
    ...checkPair(step, place),
    ...checkText(path, step.itemKey, scopeOf(step, place)),
  ];
}

/** That there is such an agent, in such a version. */
export function checkReference(
  reference: string,
  { types }: Pick<StepPlace, "types">,
  path: readonly (string | number)[],
): readonly Found[] {
  const { name, range } = agentReference(reference);
  const at = pointer(...path);
  const agent = types.agents.get(name);
  if (agent === undefined) {
    const hint = nameHint(name, types.agents.keys());
    return [{ code: "ref/agent", pointer: at, message: `no agent is called ${name}`, hint }];
  }
  if (agent === null || range === null || isInRange(agent.version, range)) return [];
  const message = `agent ${name} has version ${agent.version}, which is not in ${range}`;
  const major = agent.version.split(".")[0] ?? "";
  return [{ code: "ref/agent-version", pointer: at, message, hint: `write ${name}@^${major}` }];
}

function checkList(step: ItemStep, { path, scope }: StepPlace): readonly Found[] {
  if (step.forEach === undefined) return [];
  const at = [...path, "forEach"];
  const compiled = compileValue(step.forEach, scope);
  if (!compiled.ok) return expressionFindings(at, compiled.errors);
  return wrongKind(at, { found: compiled, wanted: ["list"], words: "forEach needs a list" });
}

/** An item without a key would be done again in every run. */
function checkPair(step: ItemStep, { path }: StepPlace): readonly Found[] {
  const at = {
    pointer: pointer(...path, step.forEach === undefined ? "itemKey" : "forEach"),
    part: "key",
  } as const;
  if (step.forEach !== undefined && step.itemKey === undefined) {
    const hint = 'such as itemKey: "${{ item.number }}"';
    return [{ code: "step/item-key", ...at, message: "forEach needs itemKey", hint }];
  }
  if (step.forEach === undefined && step.itemKey !== undefined) {
    return [{ code: "step/item-key", ...at, message: "itemKey needs forEach" }];
  }
  return [];
}

function checkText(
  path: readonly (string | number)[],
  text: string | undefined,
  scope: Scope,
): readonly Found[] {
  if (text === undefined) return [];
  const compiled = compileValue(text, scope);
  if (!compiled.ok) return expressionFindings(path, compiled.errors);
  return wrongKind(path, { found: compiled, wanted: ["string"], words: "a key is a string" });
}

interface Kinds {
  readonly found: { readonly type: ValueType; readonly nullable: boolean };
  readonly wanted: readonly ValueType["kind"][];
  readonly words: string;
}

function wrongKind(path: readonly (string | number)[], kinds: Kinds): readonly Found[] {
  const { type, nullable } = kinds.found;
  if (!nullable && (type.kind === "dyn" || kinds.wanted.includes(type.kind))) return [];
  const found = nullable ? "something that may be null" : describeType(type);
  const isSpellable = type.kind === "int" && !nullable && kinds.wanted.includes("string");
  const hint = isSpellable ? "wrap it in string( )" : "";
  return [
    {
      code: "expression/type",
      pointer: pointer(...path),
      message: `${kinds.words}, this is ${found}`,
      hint,
    },
  ];
}
