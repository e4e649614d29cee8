/** A gate step: what it shows, whether a person is asked, and how it is decided. */
import { costOf } from "./cost.ts";
import { digestOf } from "./canonical-json.ts";
import { durationMs } from "./duration.ts";
import { isAnew, keptApproval } from "./earlier-run.ts";
import { evaluateValue, referencedSteps } from "./evaluate.ts";
import { gateId } from "./identifier.ts";
import { branchName, gateRef } from "./ref-names.ts";
import { gateFolder } from "./state-path.ts";
import { decideGate } from "./gate-decision.ts";
import { proposalOf } from "./gate-proposal.ts";
import type { GateOpen, GateSettle, GateShown } from "./gate-action.ts";
import { mustAsk } from "./risk.ts";
import { isLost } from "./settle-gate.ts";
import type { Scope } from "./run-scope.ts";
import { gateRisk } from "./gate-risk.ts";
import { acting, ended, held, stepHold, type RunContext, type StepPlan } from "./step-plan.ts";
import type {
  DecidedItem,
  Deliverable,
  GateDecision,
  GateStep,
  Risk,
} from "#runner/schema/types.gen.ts";

export function planGateStep(context: RunContext, step: GateStep, scope: Scope): StepPlan {
  const decision = context.run.decisions.find((candidate) => candidate.step === step.id);
  if (decision !== undefined) return endOf(context, step, decision);
  const gate = [...context.observed.gates.values()].find(
    ({ record }) => record.run === context.run.record.id && record.step === step.id,
  );
  if (gate !== undefined) return decideGate(context, gate);
  const shown = shownBy(context, step, scope);
  if (!shown.ok)
    return held(stepHold(context, step.id, { reason: "expression", why: shown.reason }));
  return ask(context, step, shown.items);
}

function ask(context: RunContext, step: GateStep, all: readonly Shown[]): StepPlan {
  const { refused, isAgain } = refusedAmong(context, step, all);
  const shown = all.filter((candidate) => !refused.includes(candidate));
  const items = shown.map(({ item }) => item);
  const risk = gateRisk(context, step, items.length);
  const refusedValue = refused.find(({ item }) => item.key === null);
  if (refusedValue !== undefined) {
    const reason = `${refusedValue.item.show} was refused before; ${againWords(context)}`;
    return acting(settled(context, step, { decision: "rejected", reason, risk, items: [] }));
  }
  if (items.length === 0) {
    const reason =
      all.length === 0
        ? "there is nothing to show"
        : `everything was refused before; ${againWords(context)}`;
    return acting(settled(context, step, { decision: "skipped", reason, risk, items }));
  }
  // What was refused never goes on without a word.
  if (!isAgain && !mustAsk(step.ask ?? "risk", risk.score, context.workspace.settings.policy)) {
    const reason = `risk ${risk.score} is below what a person is asked for`;
    return acting(settled(context, step, { decision: "not-asked", reason, risk, items }));
  }
  const operators = context.workspace.settings.operators.map(({ email }) => email);
  const digests = items.map(({ digest }) => digest);
  const kept = keptApproval(context.run, step.id, { digests, operators });
  if (kept !== undefined) return acting(approvedBefore(context, kept));
  const deliverables = newestByPath(shown.flatMap(({ files }) => files));
  return proposalOf(context, openAction(context, step, { items, deliverables, risk }));
}

interface Refused {
  /** Not shown again. */
  readonly refused: readonly Shown[];
  /** Some of what is shown was refused before. */
  readonly isAgain: boolean;
}

/** What was refused is shown again only when a person asks for the run, or for another try from here. */
function refusedAmong(context: RunContext, step: GateStep, all: readonly Shown[]): Refused {
  const { record } = context.run;
  const inventory = context.observed.summaries.inventories.get(record.project);
  const known = all.filter(({ item }) => inventory?.refused[item.digest] !== undefined);
  const isNew = record.retryOf === undefined || isAnew(context.run, step.id);
  const isAskedFor = record.trigger.kind === "manual" && isNew;
  return { refused: isAskedFor ? [] : known, isAgain: isAskedFor && known.length > 0 };
}

function againWords({ run: { record } }: RunContext): string {
  return `fettle run ${record.project}/${record.pipeline}   shows it again`;
}

/** One thing to approve, with the files that were made along with it. */
interface Shown {
  readonly item: GateShown;
  readonly files: readonly Deliverable[];
}

type AllShown =
  | { readonly ok: true; readonly items: readonly Shown[] }
  | { readonly ok: false; readonly reason: string };

function shownBy(context: RunContext, step: GateStep, scope: Scope): AllShown {
  const items: Shown[] = [];
  for (const [show, template] of Object.entries(step.show)) {
    const value = evaluateValue(template, scope);
    if (!value.ok) return { ok: false, reason: `${show}: ${value.reason}` };
    items.push(...shownItems(context, { show, steps: referencedSteps(template) }, value.value));
  }
  return { ok: true, items };
}

interface Source {
  readonly show: string;
  /** Steps that the value is made from. */
  readonly steps: readonly string[];
}

function shownItems(context: RunContext, source: Source, value: unknown): readonly Shown[] {
  if (!isItemList(value)) return [shownItem(context, source, { key: null, outputs: value })];
  return value
    .filter((item) => item.outcome === "succeeded")
    .map((item) => shownItem(context, source, item));
}

interface ItemValue {
  /** null: a single value. */
  readonly key: string | null;
  readonly input?: unknown;
  readonly outcome?: unknown;
  readonly outputs: unknown;
}

function isItemList(value: unknown): value is readonly ItemValue[] {
  return Array.isArray(value) && value.every(isItem);
}

function isItem(item: unknown): item is ItemValue {
  return (
    typeof item === "object" &&
    item !== null &&
    "key" in item &&
    typeof item.key === "string" &&
    "outputs" in item
  );
}

/** The digest names what is approved or refused: the outputs and, where there are any, the files. */
function shownItem(context: RunContext, { show, steps }: Source, item: ItemValue): Shown {
  const { project, pipeline } = context.run.record;
  const { key, input, outputs } = item;
  const files = newestByPath(
    context.run.attempts
      .filter(({ step, outcome }) => steps.includes(step) && outcome === "succeeded")
      .filter((attempt) => key === null || attempt.item === key)
      .flatMap((attempt) => attempt.deliverables),
  );
  const blobs = Object.fromEntries(files.map(({ path, blob }) => [path, blob]));
  const named = files.length === 0 ? {} : { files: blobs };
  return {
    item: {
      show,
      key,
      step: steps[0] ?? null,
      digest: digestOf({ project, pipeline, show, key, outputs, ...named }),
      ...(input === undefined ? {} : { input }),
      outputs,
    },
    files,
  };
}

function newestByPath(files: readonly Deliverable[]): readonly Deliverable[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

interface Proposal {
  readonly items: readonly GateShown[];
  readonly deliverables: readonly Deliverable[];
  readonly risk: Risk;
}

function openAction(context: RunContext, step: GateStep, proposal: Proposal): GateOpen {
  const { record } = context.run;
  const id = gateId(record.pipeline, record.id, step.id);
  return {
    kind: "gate-open",
    project: record.project,
    because: `risk ${proposal.risk.score}: ${proposal.risk.factors.map((factor) => factor.why).join(", ")}`,
    answerWithinMs: step.answerBy === undefined ? null : durationMs(step.answerBy),
    items: proposal.items,
    gate: {
      id,
      run: record.id,
      project: record.project,
      pipeline: record.pipeline,
      step: step.id,
      title: step.gate,
      branch: branchName(gateRef(id)),
      folder: gateFolder(record.project, id),
      onExpire: step.onExpire ?? "keep",
      risk: proposal.risk,
      deliverables: [...proposal.deliverables],
      claims: proposal.deliverables.map((file) => file.path),
      costMicros: costOf(context.run.attempts),
    },
  };
}

/** An approval covers one content, whichever run shows it. */
function approvedBefore(context: RunContext, kept: GateDecision): GateSettle {
  const { id: run, project } = context.run.record;
  const { step, by, commit, risk } = kept;
  const reason = `approved in ${kept.run}, which showed the same`;
  return {
    kind: "gate-settle",
    project,
    because: reason,
    gate: null,
    run,
    step,
    decision: "approved",
    by,
    via: "earlier-run",
    reason,
    commit,
    risk,
    request: null,
    items: kept.items.map(({ input, outputs, ...item }) => ({
      ...item,
      input: input === null ? null : { kind: "cited", citation: input },
      outputs: { kind: "cited", citation: outputs },
    })),
    files: {},
  };
}

interface Unasked {
  readonly decision: "skipped" | "not-asked" | "rejected";
  readonly reason: string;
  readonly risk: Risk;
  readonly items: readonly GateShown[];
}

function settled(context: RunContext, step: GateStep, unasked: Unasked): GateSettle {
  const { record } = context.run;
  return {
    kind: "gate-settle",
    project: record.project,
    because: unasked.reason,
    gate: null,
    run: record.id,
    step: step.id,
    decision: unasked.decision,
    by: "fettle",
    via: unasked.decision === "skipped" ? "nothing-to-show" : "policy",
    reason: unasked.reason,
    commit: null,
    risk: unasked.risk.score,
    request: null,
    items: unasked.items.map(({ show, key, step: source, digest, input, outputs }) => ({
      show,
      key,
      step: source,
      digest,
      input: input === undefined ? null : { kind: "value", value: input },
      outputs: { kind: "value", value: outputs },
      decision: "approved",
      blob: null,
    })),
    files: {},
  };
}

/** `steps.<gate>.approved` is the shown map with what was approved, edits included. */
function endOf(context: RunContext, step: GateStep, decision: GateDecision): StepPlan {
  const { decision: result, reason } = decision;
  if (isLost(result)) {
    const why = result === "expired" ? "nobody answered in time" : `${result}: ${reason}`;
    const value = { decision: result, approved: {} };
    return ended({ result: "rejected", value, failedItems: 0, reason: why });
  }
  const approved: Record<string, unknown> = {};
  for (const show of Object.keys(step.show)) {
    const items = decision.items.filter((item) => item.show === show);
    if (items.some((item) => isMissing(context, item))) {
      const why = `what was approved for ${show} is not in this clone`;
      return held(stepHold(context, step.id, { reason: "payload-missing", why }));
    }
    approved[show] = approvedValue(context, items);
  }
  return ended({ result: "done", value: { decision: result, approved }, failedItems: 0, reason });
}

function isMissing({ run }: RunContext, { input, outputs }: DecidedItem): boolean {
  return !run.values.has(outputs.digest) || (input !== null && !run.values.has(input.digest));
}

function approvedValue(context: RunContext, items: GateDecision["items"]): unknown {
  const valueOf = (digest: string | undefined): unknown =>
    digest === undefined ? null : (context.run.values.get(digest) ?? null);
  const [first] = items;
  if (first !== undefined && first.key === null) return valueOf(first.outputs.digest);
  return items
    .filter((item) => item.decision !== "rejected")
    .map((item) => ({
      key: item.key,
      input: valueOf(item.input?.digest),
      outcome: "succeeded",
      outputs: valueOf(item.outputs.digest),
    }));
}
