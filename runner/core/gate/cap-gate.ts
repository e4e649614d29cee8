/** A gate that proposes a higher cap, where one with `onExhausted: gate` holds work. The run that it holds carries the gate. */
import { amountWords, axisField, perWords, roundedUp } from "#runner/core/money/amount-words.ts";
import { type BudgetFacts, type Cap, capsFor, nextWindowOf } from "#runner/core/money/budget.ts";
import { costOf } from "#runner/core/money/cost.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { decideGate, lapse } from "./gate-decision.ts";
import { proposalOf } from "./gate-proposal.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { thresholdsOf } from "./risk.ts";
import { held, together, type RunContext, type StepPlan } from "#runner/core/step-plan.ts";
import type { Hold } from "#runner/core/action.ts";
import { gatePlace, type GateOpen } from "./gate-action.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { CapRaise } from "#runner/schema/types.gen.ts";

export interface Exhausted {
  readonly hold: Hold;
  readonly cap: Cap;
  /** Of the cap in its window. */
  readonly taken: number;
  /** What an attempt may take that does not fit any more. */
  readonly wanted: number;
}

/** The hold, and where its cap says so the one gate that would lift it. */
export function askForMore(context: RunContext, exhausted: Exhausted): StepPlan {
  const { hold, cap } = exhausted;
  const isAsking = cap.budget.onExhausted === "gate" && context.isCalledOff !== true;
  // What main does not hold as it is in force cannot be changed there.
  if (!isAsking || !isOnMain(context, cap)) return held(hold);
  const raises = raiseOf(context, exhausted);
  const open = openFor(context, raises);
  if (open !== undefined) {
    const higher = amountWords(raises.axis, open.raises.to);
    const unblock = `fettle approve ${open.id}   raises it to ${higher}; fettle reject ${open.id}   keeps it`;
    return held({ ...hold, unblock });
  }
  if (isRefused(context, raises)) {
    return held({ ...hold, why: `${hold.why}; that it be raised was refused` });
  }
  return together([held(hold), proposalOf(context, proposed(context, exhausted, raises))]);
}

function isOnMain({ workspace, run }: RunContext, cap: Cap): boolean {
  return cap.isPinned !== true && (isWide(cap) || !workspace.invalid.has(run.record.project));
}

function isWide({ file }: Cap): boolean {
  return file === "fettle.yaml";
}

function raiseOf(context: RunContext, { cap, taken, wanted }: Exhausted): CapRaise {
  const { axis, file, limit, budget } = cap;
  const { per } = budget;
  if (per === "hour") throw new Error("no attempt is counted by the hour");
  const needed = taken + Math.max(wanted, stillForecast(context, axis));
  const to = roundedUp(axis, Math.max(needed, limit + wanted));
  return { file, per, axis, from: limit, to, until: nextWindowOf(context, cap) };
}

/** What the run will likely take from here on, at most; only of money is there a forecast. */
function stillForecast({ run }: RunContext, axis: Cap["axis"]): number {
  if (axis !== "micros") return 0;
  return Math.max(0, (run.record.forecast?.highMicros ?? 0) - costOf(run.attempts));
}

/** Names the question: this cap at this amount, in this window. */
function questionOf({ run }: RunContext, { file, per, axis, from, until }: CapRaise): string {
  return digestOf({
    file,
    per,
    axis,
    from,
    until,
    ...(per === "run" ? { run: run.record.id } : {}),
  });
}

interface OpenRaise {
  readonly id: string;
  readonly raises: CapRaise;
}

function openFor(context: RunContext, raises: CapRaise): OpenRaise | undefined {
  const question = questionOf(context, raises);
  const gates = [
    ...[...context.observed.gates.values()].map(({ record }) => record),
    ...context.planned.gates.map(({ gate, items }) => ({ ...gate, items })),
  ];
  for (const { id, raises: other, items } of gates) {
    if (other !== undefined && items.some(({ digest }) => digest === question)) {
      return { id, raises: other };
    }
  }
  return undefined;
}

/** Whoever asked: a cap counts for several projects. */
function isRefused(context: RunContext, raises: CapRaise): boolean {
  const question = questionOf(context, raises);
  const { inventories } = context.observed.summaries;
  const step = stepOf(question);
  return (
    context.run.decisions.some((made) => made.step === step) ||
    [...inventories.values()].some(({ refused }) => Object.hasOwn(refused, question))
  );
}

/** The gate has no step of the pipeline: a name of its own, that no step is likely to have. */
function stepOf(question: string): string {
  return `cap${shortDigest(question, 12)}`;
}

function proposed(context: RunContext, { hold, ...spent }: Exhausted, raises: CapRaise): GateOpen {
  const { record, attempts } = context.run;
  const digest = questionOf(context, raises);
  const step = stepOf(digest);
  const outputs = factsFor(context, spent, raises);
  return {
    kind: "gate-open",
    project: record.project,
    because: hold.why,
    answerWithinMs: null,
    items: [{ show: "cap", key: null, step: null, digest, outputs }],
    gate: {
      ...gatePlace(record, { step }),
      title: `Raise ${outputs.cap} from ${outputs.now} to ${outputs.proposed}`,
      onExpire: "keep",
      risk: riskOfMore(context),
      deliverables: [],
      claims: [raises.file],
      costMicros: costOf(attempts),
      raises,
    },
  };
}

/** What is shown, in words. */
interface CapFacts {
  readonly cap: string;
  readonly file: string;
  readonly now: string;
  readonly proposed: string;
  readonly taken: string;
  readonly needed: string;
  readonly forecast?: string;
  readonly until?: string;
}

function factsFor(
  context: RunContext,
  { cap, taken, wanted }: Omit<Exhausted, "hold">,
  { axis, file, per, from, to, until }: CapRaise,
): CapFacts {
  const words = (amount: number): string => amountWords(axis, amount);
  const forecast = stillForecast(context, axis);
  return {
    cap: `${axisField(axis)} ${perWords(per)} of ${cap.scope}`,
    file,
    now: words(from),
    proposed: words(to),
    taken: words(taken),
    needed: words(wanted),
    ...(forecast === 0 ? {} : { forecast: words(forecast) }),
    ...(until === null ? {} : { until }),
  };
}

const HIGH_RISK = 90;

/** Always high: it is the limit that guards all others. */
function riskOfMore({ workspace }: RunContext): GateOpen["gate"]["risk"] {
  const score = Math.max(HIGH_RISK, thresholdsOf(workspace.settings.policy).gateFrom);
  return { score, factors: [{ points: score, why: "it raises what may be spent" }] };
}

/** What becomes of the run's open gates about caps. */
export function planCapGates(context: RunContext): readonly StepPlan[] {
  return [...context.observed.gates.values()]
    .filter(({ record }) => record.run === context.run.record.id)
    .flatMap((gate) => {
      const { raises } = gate.record;
      return raises === undefined ? [] : [planCapGate(context, gate, raises)];
    });
}

function planCapGate(context: RunContext, gate: ObservedGate, raises: CapRaise): StepPlan {
  // An approval has changed the cap itself.
  const why = gate.facts.onMain === null ? whyMoot(context, raises) : null;
  return why === null ? decideGate(context, gate) : lapse(context, gate, why);
}

/** Why nobody needs the answer any more; null while somebody may. */
function whyMoot(context: RunContext, { file, per, axis, from, until }: CapRaise): string | null {
  if (until !== null && until <= context.now) return "the window of the cap is over";
  const now = capsOnMain(context).find(
    (cap) => cap.file === file && cap.budget.per === per && cap.axis === axis,
  );
  if (now === undefined) return "the cap is gone";
  return now.limit === from ? null : `the cap is ${amountWords(axis, now.limit)} now`;
}

function capsOnMain({ workspace, observed, run, now, planned }: RunContext): readonly Cap[] {
  const { id, project, pipeline } = run.record;
  const facts: BudgetFacts = { workspace, observed, now, planned: planned.grants };
  return [...run.agents.values()].flatMap((agent) =>
    capsFor(facts, { project, pipeline, run: id, agent }),
  );
}
