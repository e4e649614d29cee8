/** External effects: named once, undone or not, seen by a person first, and never named by a model. */
import { ancestors, type PlacedStep, placedSteps } from "./check-graph.ts";
import { type Found, pointer } from "./check-finding.ts";
import { agentReference } from "./check-version-range.ts";
import { ANY_SCOPE } from "#runner/core/expression/evaluate.ts";
import { compileValue } from "#runner/core/expression/expression-value.ts";
import { isAgentStep, isGateStep, stepNamed, stepsOf } from "#runner/core/step-graph.ts";
import type { Agent, AgentStep, Pipeline } from "#runner/schema/types.gen.ts";

type Path = PlacedStep["path"];
type Agents = ReadonlyMap<string, Agent | null>;

export function checkEffects(pipeline: Pipeline, agents: Agents): readonly Found[] {
  return placedSteps(pipeline).flatMap(({ step, path }) => {
    if (!isAgentStep(step)) return [];
    const isExternal = agentOf(step, agents)?.effects === "external";
    return [
      ...(isExternal ? checkExternal(pipeline, step, path) : []),
      ...(isExternal ? [] : checkNoWindow(step, path, agentOf(step, agents))),
      ...checkOnceKey({ pipeline, agents }, step, path),
      ...checkTurns(step, path),
      ...checkItems(step, path),
    ];
  });
}

function checkExternal(pipeline: Pipeline, step: AgentStep, path: Path): readonly Found[] {
  const found: Found[] = [];
  const at = { pointer: pointer(...path, "agent"), part: "key" } as const;
  if (step.once === undefined) {
    const message = `step ${step.id} acts on the outside world, so it needs once`;
    const hint = `such as once: { key: "${step.id}/${ownName(step)}" }`;
    found.push({ code: "effect/once", ...at, message, hint });
  }
  if (step.compensate === undefined) {
    const message = `step ${step.id} acts on the outside world, so it needs compensate`;
    found.push({
      code: "effect/compensate",
      ...at,
      message,
      hint: "such as compensate: { none: a sent mail cannot be recalled }",
    });
  }
  const before = ancestors(pipeline, step.id);
  if (!stepsOf(pipeline).some((other) => isGateStep(other) && before.has(other.id))) {
    const message = `step ${step.id} acts on the outside world, and no gate comes before it`;
    const hint = "to be asked, put a gate before it and read what that approved";
    found.push({ code: "effect/no-gate", severity: "warning", ...at, message, hint });
  }
  return found;
}

/** What tells the work of a step apart from all other work of it. */
function ownName({ forEach, itemKey }: AgentStep): string {
  return forEach === undefined ? "${{ run.id }}" : (itemKey ?? "${{ item.key }}");
}

/** There is nothing to take back in time where nothing happens outside; of an agent that is not there nothing is known. */
function checkNoWindow(
  { undoWindow, agent: name }: AgentStep,
  path: Path,
  agent: Agent | null | undefined,
): readonly Found[] {
  if (undoWindow === undefined || agent === null || agent === undefined) return [];
  const message = `agent ${name} does not act on the outside world, so there is nothing to wait for`;
  const at = { pointer: pointer(...path, "undoWindow"), part: "key" } as const;
  return [{ code: "effect/undo-window", ...at, message, hint: "leave undoWindow out" }];
}

/** With one key for all of them, every iteration after the first would find the effect done. */
function checkTurns(step: AgentStep, path: Path): readonly Found[] {
  if (step.repeat === undefined || step.once === undefined) return [];
  const isNamed = referencesOf(step.once.key).some(
    ([root, name]) => root === "iteration" && name === "number",
  );
  if (isNamed) return [];
  const message = "every iteration acts by itself, so the key must name it";
  const hint = `such as key: "${step.id}/\${{ run.id }}/\${{ iteration.number }}"`;
  return [{ code: "effect/iteration", pointer: pointer(...path, "once", "key"), message, hint }];
}

/** With one key for all of them, every item after the first would count as done, and would never reach anybody. */
function checkItems(step: AgentStep, path: Path): readonly Found[] {
  if (step.forEach === undefined || step.once === undefined) return [];
  if (referencesOf(step.once.key).some(([root]) => root === "item")) return [];
  const message = "every item acts by itself, so the key must name it";
  const hint = `such as key: "${step.id}/${ownName(step)}"`;
  return [{ code: "effect/item", pointer: pointer(...path, "once", "key"), message, hint }];
}

interface Flow {
  readonly pipeline: Pipeline;
  readonly agents: Agents;
}

/** A key that a model words anew would let the effect happen again. */
function checkOnceKey(flow: Flow, step: AgentStep, path: Path): readonly Found[] {
  if (step.once === undefined) return [];
  const culprit = referencesOf(step.once.key)
    .map((reference) => modelBehind(flow, step, reference))
    .find((agent) => agent !== undefined);
  if (culprit === undefined) return [];
  const message = `the key is made of text that a model may write (agent ${culprit})`;
  const hint = "use item.key, item.input or what a program gave";
  return [{ code: "effect/model-key", pointer: pointer(...path, "once", "key"), message, hint }];
}

type Reference = readonly string[];

/** The agent whose model may have written what the reference reads. */
function modelBehind(flow: Flow, step: AgentStep, reference: Reference): string | undefined {
  const [root, field] = reference;
  if (root === "steps") return modelOf(flow, madeFrom(flow, reference));
  if (root === "iteration" && field !== "number") return ownModel(flow, step);
  if (root !== "item") return undefined;
  const list = referencesOf(step.forEach ?? "").flatMap((source) => madeFrom(flow, source));
  // Key and input of an item were there before the agent saw it; elements of a list that an agent made were not.
  const isOld = field === "key" || field === "input";
  return modelOf(flow, isOld ? list.filter(([, , part]) => part === "outputs") : list);
}

function ownModel({ agents }: Flow, step: AgentStep): string | undefined {
  return hasModel(agentOf(step, agents)) ? agentReference(step.agent).name : undefined;
}

/** The references to agent steps behind a reference; a gate shows what others made. */
function madeFrom(flow: Flow, reference: Reference): readonly Reference[] {
  const [root, id, part, name] = reference;
  const step = root === "steps" && id !== undefined ? stepNamed(flow.pipeline, id) : undefined;
  if (step === undefined || !isGateStep(step)) return [reference];
  const shown = Object.entries(step.show).filter(
    ([key]) => part !== "approved" || name === undefined || key === name,
  );
  return shown.flatMap(([, expression]) => referencesOf(expression));
}

function modelOf({ pipeline, agents }: Flow, references: readonly Reference[]): string | undefined {
  const ids = references.flatMap(([root, id]) => (root === "steps" ? [id] : []));
  const step = stepsOf(pipeline).find(
    (one): one is AgentStep =>
      ids.includes(one.id) && isAgentStep(one) && hasModel(agentOf(one, agents)),
  );
  return step === undefined ? undefined : agentReference(step.agent).name;
}

function hasModel(agent: Agent | null | undefined): boolean {
  if (agent === null || agent === undefined) return false;
  return [agent.runtime, ...(agent.runtime.fallback ?? [])].some((rung) => "model" in rung);
}

function agentOf(step: AgentStep, agents: Agents): Agent | null | undefined {
  return agents.get(agentReference(step.agent).name);
}

function referencesOf(template: string): readonly Reference[] {
  const compiled = compileValue(template, ANY_SCOPE);
  return compiled.ok ? compiled.references : [];
}
