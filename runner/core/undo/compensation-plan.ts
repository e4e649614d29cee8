/** What a run has done is undone again: the newest first, each once, and what fails is never dropped. */
import { agentName } from "#runner/core/agent-reference.ts";
import { undoBase, undoName } from "#runner/core/effect.ts";
import { recordAt } from "#runner/core/effect-record.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { actingChildren } from "./left-standing.ts";
import { childEnds } from "#runner/core/pipeline-step-plan.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { mendedUndo, mendWords } from "./mended-undo.ts";
import { proposedHold, riskHold } from "./undo-word.ts";
import { dueAt } from "#runner/core/retry.ts";
import type { Scope } from "#runner/core/run-scope.ts";
import { doubtUnblock } from "#runner/core/left-doubt.ts";
import { isAgentStep, isPipelineStep, stepsOf } from "#runner/core/step-graph.ts";
import {
  held,
  stepHold,
  together,
  wanting,
  type RunContext,
  type StepPlan,
} from "#runner/core/step-plan.ts";
import { isUndoStep, undoStepOf } from "./undo-step.ts";
import { lastAct, lastActs } from "#runner/core/unit-history.ts";
import { isWorking, planUnit } from "#runner/core/unit-plan.ts";
import type { UnitOfWork } from "#runner/core/unit-action.ts";
import type { EffectPlan, Hold } from "#runner/core/action.ts";
import type { AgentStep, AttemptRecord, ChildEnd, Receipt } from "#runner/schema/types.gen.ts";

/** After its last attempt, what undoes something is tried again once a day. */
const PARKED_MS = DAY_MS;

/** An effect that the run had, and how it is undone. */
export interface Done {
  readonly attempt: AttemptRecord;
  readonly step: AgentStep;
  readonly receipt: Receipt;
  readonly effect: EffectPlan;
  readonly onceKey: string;
}

export type Undoing =
  | { readonly kind: "going"; readonly plan: StepPlan }
  | { readonly kind: "over"; readonly words: string };

/** `scope`: what expressions see when all steps are over. `isPermitted`: a person wants it at any risk. */
export function planUndoing(context: RunContext, facts: Facts): Undoing {
  const deeds = facts.of ?? ownOf(context, facts.scope);
  const done = effectsOf(context, deeds);
  if ("wants" in done) return going([wantingAll(done.wants)]);
  const holds: StepPlan[] = [];
  const undone: string[] = [];
  const kept: string[] = [];
  for (const effect of done.list) {
    const one = undoingOf(context, effect, facts);
    if (one.kind === "done") undone.push(effect.onceKey);
    else if (one.kind === "none") kept.push(`${effect.onceKey} (${one.why})`);
    else if (one.kind === "parked") holds.push(held(one.hold));
    // One after the other: what was done last is undone first.
    else return going([...holds, one.plan]);
  }
  if (holds.length > 0) return going(holds);
  const left = [...kept, ...leftBy(context.run, deeds, done.doubts)];
  return { kind: "over", words: wordsOf(undone, left) };
}

/** What only a person can have undone: it is not known yet, or another run did it. */
function leftBy(
  run: RunContext["run"],
  deeds: Deeds,
  doubts: readonly string[],
): readonly string[] {
  const once = `nobody knows whether it happened; once that is answered, fettle undo ${deeds.run}`;
  return [
    ...(doubts.length === 0 ? [] : [`${listOf(doubts)} (${once})`]),
    ...actingChildren(run, deeds.children).map((child) => `${child} (fettle undo ${child})`),
  ];
}

function going(plans: readonly StepPlan[]): Undoing {
  return { kind: "going", plan: together(plans) };
}

type Effects =
  /** `doubts`: keys of those that nobody knows about. */
  | { readonly list: readonly Done[]; readonly doubts: readonly string[] }
  | { readonly wants: readonly string[] };

/** Effects that certainly happened in this run, the newest first; those of its `onFailure` steps are for good. */
export function effectsOf(
  { run, observed }: Pick<RunContext, "run" | "observed">,
  deeds: Pick<Deeds, "run" | "attempts">,
): Effects {
  const acted = lastActs(deeds).filter(({ step }) => !isUndoStep(step));
  const found = acted.flatMap((attempt) => {
    const step = run.pipeline.steps.find(({ id }) => id === attempt.step);
    const { effect } = attempt;
    return effect === undefined || step === undefined || !isAgentStep(step)
      ? []
      : [{ attempt, step, effect }];
  });
  const wants = found.flatMap(({ effect: { base } }) =>
    observed.receipts.has(base) ? [] : [base],
  );
  if (wants.length > 0) return { wants };
  const ours = found.flatMap(({ attempt, step, effect }): Done[] => {
    const { base, ordinal, onceKey } = effect;
    const receipt = observed.receipts.get(base)?.receipts.find((one) => one.ordinal === ordinal);
    return receipt?.run === deeds.run ? [{ attempt, step, receipt, effect, onceKey }] : [];
  });
  const list = ours.filter(({ receipt: { state } }) => state === "happened");
  const doubts = ours.filter(({ receipt: { state } }) => state === "uncertain");
  return {
    list: list.toSorted((a, b) => (endOf(a) < endOf(b) ? 1 : -1)),
    doubts: doubts.map(({ onceKey }) => onceKey),
  };
}

function endOf({ attempt: { finishedAt, startedAt } }: Done): string {
  return finishedAt ?? startedAt;
}

type One =
  | { readonly kind: "done" }
  | { readonly kind: "none"; readonly why: string }
  | { readonly kind: "parked"; readonly hold: Hold }
  | { readonly kind: "going"; readonly plan: StepPlan };

function wantingAll(bases: readonly string[]): StepPlan {
  return together(bases.map((base) => wanting({ kind: "receipt", base })));
}

interface Facts {
  readonly scope: Scope;
  readonly isPermitted: boolean;
  /** A person is asked first, whatever the risk. */
  readonly isProposed?: boolean;
  /** The run whose effects are undone, when it is another one. */
  readonly of?: Deeds;
}

/** What a run did. */
interface Deeds {
  readonly run: string;
  readonly attempts: readonly AttemptRecord[];
  /** Runs that it handed something over to. */
  readonly children: readonly ChildEnd[];
}

function ownOf(context: RunContext, scope: Scope): Deeds {
  const { record, attempts, pipeline } = context.run;
  const called = stepsOf(pipeline).filter(isPipelineStep);
  const children = called.flatMap((step) => childEnds(context, step, scope));
  return { run: record.id, attempts, children };
}

function undoingOf(context: RunContext, effect: Done, facts: Facts): One {
  const step = undoStepOf(effect.step);
  const agent = context.run.agents.get(agentName(step?.agent ?? ""));
  if (step === undefined || agent === undefined) return { kind: "none", why: whyNone(effect.step) };
  const undoes = undoKey(effect);
  const found = recordAt(context, undoBase(effect.effect));
  if ("wants" in found) return { kind: "going", plan: wantingAll(found.wants) };
  const state = found.record?.receipts.at(-1)?.state;
  if (state === "happened") return { kind: "done" };
  const unit = unitOf(context, effect, { step, agent, scope: { ...facts.scope, undoes } });
  const hold = whyHeld(context, unit, { state, ...facts });
  if (hold !== null) return { kind: "parked", hold };
  return { kind: "going", plan: startOf(context, unit, effect) };
}

/** Why it is not undone; that the agent was there has been checked. */
function whyNone({ compensate }: AgentStep): string {
  return compensate?.none ?? `agent ${compensate?.agent ?? ""} is gone`;
}

function whyHeld(
  context: RunContext,
  unit: Turn,
  { state, isPermitted, isProposed }: Facts & { readonly state: Receipt["state"] | undefined },
): Hold | null {
  if (isWorking(context, unit)) return null;
  const parked = parkedHold(context, unit, state);
  if (parked !== null || isPermitted) return parked;
  return isProposed === true ? proposedHold(context, unit) : riskHold(context, unit);
}

function startOf(context: RunContext, unit: Turn, { onceKey, step }: Done): StepPlan {
  const plan = planMended(context, unit, step);
  const actions = plan.actions.map((action) =>
    action.kind === "step-start"
      ? {
          ...action,
          ...unit.iteration,
          kind: "step-compensate" as const,
          because: `${onceKey} is to be undone`,
        }
      : action,
  );
  return { ...plan, actions };
}

/** What the run began with counts, unless its expressions give nothing: nothing is begun then, and main may know better. */
function planMended(context: RunContext, unit: Turn, undone: AgentStep): StepPlan {
  const plan = planUnit(context, unit);
  if (!plan.holds.some(isExpression)) return plan;
  const mended = mendedUndo(context, undone);
  const again = mended === undefined ? plan : planUnit(context, { ...unit, step: mended });
  const unblock = mendWords(context, undone);
  return {
    ...again,
    holds: again.holds.map((hold) => (isExpression(hold) ? { ...hold, unblock } : hold)),
  };
}

function isExpression({ reason }: Hold): boolean {
  return reason === "expression";
}

function undoKey({ attempt, effect }: Done): string {
  return undoName(attempt.agent, effect);
}

function unitOf(
  { run }: RunContext,
  { attempt, receipt, effect }: Done,
  parts: Pick<UnitOfWork, "step" | "agent" | "scope">,
): Turn {
  const valueOf = (citation: AttemptRecord["outputs"] | undefined): unknown =>
    citation === null || citation === undefined ? null : (run.values.get(citation.digest) ?? null);
  const left = {
    receipt: receipt.receipt ?? {},
    inputs: valueOf(attempt.inputs),
    outputs: valueOf(attempt.outputs),
  };
  return {
    ...parts,
    undoBase: undoBase(effect),
    scope: { ...parts.scope, ...left },
    item: attempt.item,
    iteration: attempt.iteration === undefined ? {} : { iteration: attempt.iteration },
    ...(attempt.item === null ? {} : { itemInput: valueOf(attempt.itemInput) }),
  };
}

/** What undoes one effect; the iterations of a repeated step had one each. */
interface Turn extends UnitOfWork {
  readonly iteration: Pick<AttemptRecord, "iteration">;
}

/** It failed for good, or nobody knows whether it happened: shown until a person or another day settles it. */
function parkedHold(
  context: RunContext,
  { step, item, scope, iteration }: Turn,
  state: Receipt["state"] | undefined,
): Hold | null {
  const last = lastAct(context.run, { step: step.id, item, ...iteration });
  if (last?.outcome === null || last === undefined || dueAt(last) !== null) return null;
  const key = String(scope["undoes"]);
  if (state === "uncertain") {
    return stepHold(context, step.id, {
      reason: "uncertain-effect",
      why: `${key}: nobody knows whether it happened`,
      unblock: doubtUnblock(key),
    });
  }
  const until = addMs(last.finishedAt ?? last.startedAt, PARKED_MS);
  // The operator's word that it did not happen lets it be tried at once.
  if (last.outcome === "uncertain" || until <= context.now) return null;
  return stepHold(context, step.id, {
    reason: "compensation-failed",
    why: `${key} failed: ${last.outcome} ${last.reason}`,
    unblock: `it is tried again; fettle cancel ${context.run.record.id} --keep   leaves it as it is`,
    until,
  });
}

const NAMED = 3;

/** `undone: payment/7; not undone: mail/ann (a sent mail cannot be recalled) and 4 more` */
function wordsOf(undone: readonly string[], kept: readonly string[]): string {
  const parts = [
    ...(undone.length === 0 ? [] : [`undone: ${listOf(undone)}`]),
    ...(kept.length === 0 ? [] : [`not undone: ${listOf(kept)}`]),
  ];
  return parts.join("; ");
}

function listOf(words: readonly string[]): string {
  const more = words.length - NAMED;
  const shown = words.slice(0, NAMED).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** A reason, with what was undone and what was not. */
export function withWords(reason: string, words: string): string {
  return words === "" ? reason : `${reason}; ${words}`;
}
