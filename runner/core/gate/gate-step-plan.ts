/** A gate step: what it shows, whether a person is asked, and how it is decided. */
import { costOf } from "#runner/core/money/cost.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { isAnew, keptApproval } from "#runner/core/earlier-run.ts";
import { decideGate } from "./gate-decision.ts";
import { proposalOf } from "./gate-proposal.ts";
import { gatePlace, type GateOpen, type GateSettle, type GateShown } from "./gate-action.ts";
import { followedGate } from "#runner/core/rework.ts";
import { isLost } from "./settle-gate.ts";
import { ifApproved, newestByPath, shownBy, type Shown } from "./gate-shown.ts";
import { gatedBy } from "./gated-path.ts";
import { askingOf, type Asking } from "./risk.ts";
import type { Scope } from "#runner/core/run-scope.ts";
import { gateRisk } from "./gate-risk.ts";
import {
  acting,
  ended,
  held,
  stepHold,
  type RunContext,
  type StepPlan,
} from "#runner/core/step-plan.ts";
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
  return ask(context, step, { all: shown.items, scope });
}

interface ToShow {
  readonly all: readonly Shown[];
  readonly scope: Scope;
}

function ask(context: RunContext, step: GateStep, { all, scope }: ToShow): StepPlan {
  const { refused, isAgain } = refusedAmong(context, step, all);
  const shown = all.filter((candidate) => !refused.includes(candidate));
  const items = shown.map(({ item }) => item);
  const deliverables = newestByPath(shown.flatMap(({ files }) => files));
  const risk = gateRisk(context, step, {
    items: items.length,
    deliverables,
    scope: ifApproved(scope, step, items),
  });
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
  const asking = askingAbout(context, step, { risk, deliverables, isAgain });
  if (asking === "no") {
    const reason = `risk ${risk.score} is below what a person is asked for`;
    return acting(settled(context, step, { decision: "not-asked", reason, risk, items }));
  }
  const operators = context.workspace.settings.operators.map(({ email }) => email);
  const digests = items.map(({ digest }) => digest);
  const kept = keptApproval(context.run, step.id, { digests, operators });
  if (kept !== undefined) return acting(approvedBefore(context, kept));
  return proposalOf(context, openAction(context, step, { items, deliverables, risk, asking }));
}

interface AskedAbout {
  readonly risk: Risk;
  readonly deliverables: readonly Deliverable[];
  readonly isAgain: boolean;
}

/** What was refused never goes on without a word; nor does what no agent may write. */
function askingAbout(
  context: RunContext,
  step: GateStep,
  { risk, deliverables, isAgain }: AskedAbout,
): Asking {
  const isGated = deliverables.some(({ path }) => gatedBy(path) !== undefined);
  const question = { ask: step.ask ?? "risk", score: risk.score } as const;
  const { policy } = context.workspace.settings;
  return askingOf({ ...question, isAlwaysAsked: isAgain || isGated }, policy);
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

interface Proposal {
  readonly items: readonly GateShown[];
  readonly deliverables: readonly Deliverable[];
  readonly risk: Risk;
  readonly asking: Asking;
}

function openAction(context: RunContext, step: GateStep, proposal: Proposal): GateOpen {
  const { record } = context.run;
  return {
    kind: "gate-open",
    project: record.project,
    because: `risk ${proposal.risk.score}: ${proposal.risk.factors.map((factor) => factor.why).join(", ")}`,
    answerWithinMs: step.answerBy === undefined ? null : durationMs(step.answerBy),
    ...vetoPart(context, proposal),
    items: proposal.items,
    gate: {
      ...gatePlace(record, { step: step.id }),
      title: step.gate,
      onExpire: step.onExpire ?? "keep",
      ...followPart(context, step),
      risk: proposal.risk,
      deliverables: [...proposal.deliverables],
      claims: proposal.deliverables.map((file) => file.path),
      costMicros: costOf(context.run.attempts),
    },
  };
}

function followPart({ run }: RunContext, { id }: GateStep): Pick<GateOpen["gate"], "follows"> {
  const follows = followedGate(run, id);
  return follows === undefined ? {} : { follows };
}

function vetoPart({ workspace }: RunContext, { asking }: Proposal): Pick<GateOpen, "vetoWithinMs"> {
  const veto = workspace.settings.policy?.veto;
  return asking === "unless" && veto !== undefined ? { vetoWithinMs: durationMs(veto) } : {};
}

/** An approval covers one content, whichever run shows it. */
export function approvedBefore(context: RunContext, kept: GateDecision): GateSettle {
  const { id: run, project } = context.run.record;
  const { step, by, commit, risk } = kept;
  const reason = `${kept.decision} in ${kept.run}, which showed the same`;
  return {
    kind: "gate-settle",
    project,
    because: reason,
    gate: null,
    run,
    step,
    decision: kept.decision,
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
    ...(unasked.risk.action === undefined ? {} : { action: unasked.risk.action }),
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
    const why = lostWords(decision);
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

function lostWords({ decision, by, reason }: GateDecision): string {
  if (decision === "expired") return "nobody answered in time";
  return decision === "changes-requested"
    ? `${by} asks for changes: ${reason}`
    : `${decision}: ${reason}`;
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
