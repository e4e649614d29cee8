/** The types of what expressions see (docs/expressions.md); `run-scope.ts` gives the values. */
import type { Pipelines } from "./check-call.ts";
import { checkGraph } from "./check-graph.ts";
import { agentReference } from "./check-version-range.ts";
import type { Scope } from "#runner/core/expression/expression.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { isAskStep, isGateStep, isPipelineStep, isWaitStep } from "#runner/core/step-graph.ts";
import {
  DYN,
  type FieldType,
  fieldOf,
  type ValueType,
  valueTypeOf,
} from "#runner/core/expression/value-type.ts";
import type {
  Agent,
  AgentStep,
  AskStep,
  GateStep,
  Param,
  Pipeline,
  PipelineStep,
  Step,
  WaitStep,
} from "#runner/schema/types.gen.ts";

/** Schemas of schemas/ that agents refer to, by file name. */
export type SharedTypes = Readonly<Record<string, unknown>>;

export interface AgentTypes {
  /** null: the agent is not there or not valid, so nothing is known of it. */
  readonly agents: ReadonlyMap<string, Agent | null>;
  /** Of the same project; null as with agents. */
  readonly pipelines: Pipelines;
  readonly shared: SharedTypes;
}

const STRING: ValueType = { kind: "string" };
const PARAM_TYPES: Readonly<Record<Param["type"], ValueType>> = {
  string: STRING,
  integer: { kind: "int" },
  number: { kind: "double" },
  boolean: { kind: "bool" },
};

/** What everything of a workspace sees. */
const COMMON: Scope = {
  workspace: record({ name: STRING, timezone: STRING }),
  project: record({ name: STRING, dir: STRING }),
  run: record({ id: STRING, asOf: STRING }),
};

/** Every field that a trigger of some kind has; only `kind` is always there. */
const TRIGGER: ValueType = {
  kind: "object",
  open: false,
  fields: {
    kind: field(STRING),
    ...Object.fromEntries(
      ["goal", "measurement", "due", "from", "to", "request", "by", "reason", "run", "step"].map(
        (name) => [name, field(STRING, { optional: true })],
      ),
    ),
    value: field({ kind: "double" }, { optional: true, nullable: true }),
    item: field(STRING, { optional: true, nullable: true }),
    paths: field({ kind: "list", of: STRING }, { optional: true }),
  },
};

/** What the conditions of policy rules see. */
export const POLICY_SCOPE: Scope = {
  action: record({
    effects: STRING,
    project: STRING,
    pipeline: STRING,
    agent: STRING,
    step: STRING,
    items: { kind: "int" },
    spendMicros: { kind: "int" },
    amount: { kind: "double" },
    reversibility: STRING,
    paths: { kind: "list", of: STRING },
    diffFiles: { kind: "int" },
    diffLines: { kind: "int" },
    taint: { kind: "list", of: STRING },
    novelty: { kind: "list", of: STRING },
    approvals: record({ approved: { kind: "int" }, rejected: { kind: "int" } }),
  }),
};

/** What the conditions of `degrade` see. */
export const DEGRADE_SCOPE: Scope = {
  budget: record({ used: { kind: "double" } }),
  slo: record({ missed: { kind: "bool" }, latency: STRING, success: STRING }),
  outcome: STRING,
};

/** What the metric of a goal sees. */
export const GOAL_SCOPE: Scope = {
  ...COMMON,
  pipeline: record({ name: STRING }),
  trigger: TRIGGER,
};

/** What `reads`, `writes` and `memory` of an agent see. */
export function agentScope(agent: Agent, shared: SharedTypes): Scope {
  return { ...COMMON, inputs: valueTypeOf(agent.inputs, shared) };
}

/** What a step of a pipeline sees of its pipeline, without the other steps. */
export function pipelineScope(pipeline: Pipeline): Scope {
  const previous = Object.entries(pipeline.outputs ?? {}).map(([name]) => [name, DYN] as const);
  return {
    ...COMMON,
    pipeline: record({ name: STRING }),
    trigger: TRIGGER,
    params: paramsType(pipeline, { optional: false }),
    previous: record(Object.fromEntries(previous)),
  };
}

/** What can be given to a pipeline: with a default it need not be. */
export function paramsType(
  { params = {} }: Pipeline,
  { optional }: { readonly optional: boolean } = { optional: true },
): ValueType {
  const fields = Object.entries(params).map(([name, param]) => {
    const isOptional = optional && param.default !== undefined;
    return [name, field(PARAM_TYPES[param.type], { optional: isOptional })] as const;
  });
  return { kind: "object", fields: Object.fromEntries(fields), open: false };
}

/** The scope with the given steps, which must be in order: each may be made from those before it. */
export function scopeWithSteps(scope: Scope, steps: readonly Step[], types: AgentTypes): Scope {
  const fields: Record<string, FieldType> = { ...fieldsOf(scope["steps"]) };
  for (const step of steps) {
    const soFar = withSteps(scope, fields);
    fields[step.id] = field(stepType(step, soFar, types));
  }
  return withSteps(scope, fields);
}

function stepType(step: Step, scope: Scope, types: AgentTypes): ValueType {
  if (isGateStep(step)) return gateType(step, scope);
  if (isAskStep(step)) return askType(step);
  if (isWaitStep(step)) return waitType(step);
  return isPipelineStep(step) ? pipelineType(step, scope, types) : agentType(step, scope, types);
}

/** What steps see that run after a failure: why, and of the other steps whatever there is. */
export function failureScope(scope: Scope): Scope {
  const steps = Object.entries(fieldsOf(scope["steps"])).map(
    ([id, { type }]) => [id, field(unsure(type))] as const,
  );
  return {
    ...withSteps(scope, Object.fromEntries(steps)),
    failure: record({ step: STRING, reason: STRING, outcome: STRING }),
  };
}

/** A step that may have failed, or been skipped: nothing of it is sure to be there. */
function unsure(type: ValueType): ValueType {
  const fields = Object.entries(fieldsOf(type)).map(([name, one]) => {
    const inner = name === "approved" ? unsure(one.type) : one.type;
    const nullable = one.nullable || NULL_AFTER_FAILURE.has(name);
    return [name, { type: inner, optional: true, nullable }] as const;
  });
  return { kind: "object", open: false, fields: Object.fromEntries(fields) };
}

const NULL_AFTER_FAILURE: ReadonlySet<string> = new Set(["outputs", "until"]);

function fieldsOf(type: ValueType | undefined): Readonly<Record<string, FieldType>> {
  return type?.kind === "object" ? type.fields : {};
}

function withSteps(scope: Scope, fields: Readonly<Record<string, FieldType>>): Scope {
  return { ...scope, steps: { kind: "object", fields: { ...fields }, open: false } };
}

/** The element type of a `forEach` list; unknown when that is no list. */
export function itemType(step: Pick<AgentStep, "forEach">, scope: Scope): ValueType {
  const compiled = compileValue(step.forEach ?? "", scope);
  return compiled.ok && compiled.type.kind === "list" ? compiled.type.of : DYN;
}

function agentType(step: AgentStep, scope: Scope, types: AgentTypes): ValueType {
  const outputs = outputsType(step, types);
  const outcome = field(STRING);
  // A step that was skipped has an outcome only.
  const optional = step.if !== undefined;
  if (step.forEach === undefined) {
    return {
      kind: "object",
      open: false,
      fields: { outcome, outputs: field(outputs, { optional }) },
    };
  }
  const item: ValueType = {
    kind: "object",
    open: false,
    fields: {
      key: field(STRING),
      input: field(itemType(step, scope)),
      outcome,
      outputs: field(outputs, { nullable: true }),
      receipt: field({ kind: "object", fields: {}, open: true }, { optional: true }),
    },
  };
  return {
    kind: "object",
    open: false,
    fields: { items: field({ kind: "list", of: item }, { optional }) },
  };
}

/** Of a run that failed there are no outputs. */
function pipelineType(step: PipelineStep, scope: Scope, types: AgentTypes): ValueType {
  const outputs = calledOutputs(step.pipeline, types);
  const optional = step.if !== undefined;
  if (step.forEach === undefined) {
    const known = { optional };
    const fields = {
      outcome: field(STRING),
      outputs: field(outputs, known),
      run: field(STRING, known),
      result: field(STRING, known),
    };
    return { kind: "object", open: false, fields };
  }
  const fields = {
    key: field(STRING),
    input: field(itemType(step, scope)),
    outcome: field(STRING),
    outputs: field(outputs, { nullable: true }),
    run: field(STRING),
    result: field(STRING),
  };
  const item: ValueType = { kind: "object", open: false, fields };
  const items = field({ kind: "list", of: item }, { optional });
  return { kind: "object", open: false, fields: { items } };
}

/** What the pipeline declares as its outputs; inside it is not known, which ends what leads back to itself. */
function calledOutputs(name: string, types: AgentTypes): ValueType {
  const pipeline = types.pipelines.get(name);
  if (pipeline === undefined || pipeline === null) return DYN;
  const inner = { ...types, pipelines: new Map(types.pipelines).set(name, null) };
  const scope = scopeWithSteps(
    pipelineScope(pipeline),
    checkGraph(pipeline).steps.map(({ step }) => step),
    inner,
  );
  const outputs = Object.entries(pipeline.outputs ?? {}).map(([output, { value }]) => {
    const compiled = compileValue(value, scope);
    return [output, compiled.ok ? compiled.type : DYN] as const;
  });
  return record(Object.fromEntries(outputs));
}

function outputsType(step: AgentStep, { agents, shared }: AgentTypes): ValueType {
  const agent = agents.get(agentReference(step.agent).name);
  return agent ? valueTypeOf(agent.outputs, shared) : DYN;
}

/** What a repeated step sees besides: which iteration it is, and what the one before gave. */
export function iterationScope(step: AgentStep, types: AgentTypes): Scope {
  const outputs = field(outputsType(step, types), { optional: true });
  const fields = { number: field({ kind: "int" }), outputs };
  return { iteration: { kind: "object", open: false, fields } };
}

/** What its `until` sees besides: what this iteration gave. */
export function untilScope(step: AgentStep, types: AgentTypes): Scope {
  return { ...iterationScope(step, types), outputs: outputsType(step, types) };
}

function gateType(step: GateStep, scope: Scope): ValueType {
  const shown = Object.entries(step.show).map(([name, expression]) => {
    const compiled = compileValue(expression, scope);
    return [name, compiled.ok ? approvedType(compiled.type) : DYN] as const;
  });
  const approved = field(record(Object.fromEntries(shown)), { optional: step.if !== undefined });
  return { kind: "object", open: false, fields: { decision: field(STRING), approved } };
}

function askType(step: AskStep): ValueType {
  const optional = step.if !== undefined;
  const outputs = field(valueTypeOf(step.form), { optional });
  return {
    kind: "object",
    open: false,
    fields: { decision: field(STRING, { optional }), outputs },
  };
}

function waitType(step: WaitStep): ValueType {
  const optional = step.if !== undefined;
  const instants = { since: field(STRING, { optional }), until: field(STRING, { optional }) };
  return { kind: "object", open: false, fields: { outcome: field(STRING), ...instants } };
}

/** What was approved of a list of items: those that succeeded, so their outputs are there. */
function approvedType(shown: ValueType): ValueType {
  if (shown.kind !== "list" || shown.of.kind !== "object") return shown;
  const { of } = shown;
  const outputs = fieldOf(of, "outputs");
  if (outputs === undefined || fieldOf(of, "key") === undefined) return shown;
  const { receipt: _, ...fields } = of.fields;
  return {
    kind: "list",
    of: { ...of, fields: { ...fields, outputs: { ...outputs, nullable: false } } },
  };
}

function record(types: Readonly<Record<string, ValueType>>): ValueType {
  const fields = Object.entries(types).map(([name, type]) => [name, field(type)] as const);
  return { kind: "object", fields: Object.fromEntries(fields), open: false };
}

function field(
  type: ValueType,
  how: Partial<Pick<FieldType, "optional" | "nullable">> = {},
): FieldType {
  return { type, optional: false, nullable: false, ...how };
}
