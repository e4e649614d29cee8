/** What undoing a run would do, before anything is done. */
import { agentName } from "#runner/core/agent-reference.ts";
import { effectsOf, type Done } from "./compensation-plan.ts";
import { undoBase } from "#runner/core/effect.ts";
import { recordAt } from "#runner/core/effect-record.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import { undoStepOf } from "./undo-step.ts";
import type { Receipt } from "#runner/schema/types.gen.ts";

export interface EffectPreview {
  readonly onceKey: string;
  readonly step: string;
  /** `open`: it can be undone; `none`: it cannot; the others: it was, or nobody knows whether it was. */
  readonly state: "open" | "none" | "undone" | "uncertain";
  /** The agent that undoes it, or why it cannot be undone. */
  readonly how: string;
  /** Who was told or paid, as far as it is recorded. */
  readonly told: readonly string[];
}

export type Previewed =
  | { readonly wants: readonly string[] }
  | { readonly effects: readonly EffectPreview[] };

export function previewUndo(context: RunContext): Previewed {
  const { record, attempts } = context.run;
  const done = effectsOf(context, { run: record.id, attempts });
  if ("wants" in done) return done;
  const found = done.list.map((effect) => ({ effect, state: stateOf(context, effect) }));
  const wants = found.flatMap(({ state }) => (typeof state === "string" ? [] : [...state.wants]));
  if (wants.length > 0) return { wants };
  return {
    effects: found.flatMap(({ effect, state }) =>
      typeof state === "string" ? [previewOf(context, effect, state)] : [],
    ),
  };
}

type State = EffectPreview["state"] | { readonly wants: readonly string[] };

const STATES: Readonly<Record<Receipt["state"], EffectPreview["state"]>> = {
  happened: "undone",
  uncertain: "uncertain",
  intended: "open",
};

function stateOf(context: RunContext, effect: Done): State {
  const step = undoStepOf(effect.step);
  const agent = context.run.agents.get(agentName(step?.agent ?? ""));
  if (agent === undefined) return "none";
  const found = recordAt(context, undoBase(effect.effect));
  if ("wants" in found) return found;
  const state = found.record?.receipts.at(-1)?.state;
  return state === undefined ? "open" : STATES[state];
}

function previewOf(
  { run }: RunContext,
  { onceKey, step, receipt, attempt }: Done,
  state: EffectPreview["state"],
): EffectPreview {
  const { none, agent } = step.compensate ?? {};
  const told = [run.values.get(attempt.inputs.digest), receipt.receipt].flatMap(recipientsIn);
  const how = none ?? agentName(agent ?? "");
  return { onceKey, step: step.id, state, how, told: [...new Set(told)] };
}

const RECIPIENTS = ["to", "cc", "recipient", "recipients", "email"];

function recipientsIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return RECIPIENTS.map((name): unknown => Reflect.get(value, name))
    .flatMap((found) => (Array.isArray(found) ? [...found] : [found]))
    .filter((found) => typeof found === "string");
}
