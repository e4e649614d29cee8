/** Model work starts only with a grant: what it may take at most, counted against every cap before it begins. */
import {
  type BudgetFacts,
  type Cap,
  capsFor,
  grantFor,
  nextWindowOf,
  standingOf,
  type Work,
} from "./budget.ts";
import { askForMore } from "#runner/core/gate/cap-gate.ts";
import { type Beginning, beginningOf } from "#runner/core/degrade.ts";
import { rungName } from "#runner/core/rung-name.ts";
import type { GrantPlan, Hold, LadderStart, StepStart } from "#runner/core/action.ts";
import { canPay, demandOf, isPaid, rungsOf } from "./demand.ts";
import { acting, held, stepHold, type RunContext, type StepPlan } from "#runner/core/step-plan.ts";
import { unacceptedHold } from "#runner/core/unaccepted-main.ts";
import type { UnitOfWork } from "#runner/core/unit-action.ts";
import { amountWords, axisField, perWords } from "./amount-words.ts";
import type { Amount } from "#runner/schema/types.gen.ts";

/** The start with its grant, or why there is none. */
export function withGrant(context: RunContext, unit: UnitOfWork, start: StepStart): StepPlan {
  const work = workOf(context, unit);
  const facts = factsOf(context);
  const caps = capsFor(facts, work);
  const isOpen = context.isCalledOff !== true && !begun(start);
  const beginning = !isOpen ? TOP : beginningOf(context, unit, { facts, caps });
  if (beginning.kind === "held") return held(beginning.hold);
  const ladder = beginning.kind === "below" ? beginning.ladder : undefined;
  return granting(context, unit, { start: onLadder(context, unit, { start, ladder }), caps });
}

const TOP: Beginning = { kind: "top" };

/** What may have happened outside is brought to its end as it began. */
function begun({ resume, kind }: StepStart): boolean {
  return resume || kind === "step-compensate";
}

/** The start on a lower rung; below the paid ones it costs nothing. */
function onLadder(
  { workspace }: RunContext,
  { agent }: UnitOfWork,
  { start, ladder }: { readonly start: StepStart; readonly ladder: LadderStart | undefined },
): StepStart {
  if (ladder === undefined) return start;
  const { forecast } = start;
  const free = { ...forecast, micros: 0, highMicros: 0, mostMicros: 0 };
  return {
    ...start,
    ladder,
    because: `${start.because}; it begins on ${ladder.rung}: ${ladder.why}`,
    forecast: isPaid(workspace, agent, ladder.from) ? forecast : free,
  };
}

interface Starting {
  readonly start: StepStart;
  readonly caps: readonly Cap[];
}

function granting(context: RunContext, unit: UnitOfWork, { start, caps }: Starting): StepPlan {
  const work = workOf(context, unit);
  const facts = factsOf(context);
  const { timeoutMs, ladder } = start;
  const from = ladder?.from ?? 0;
  const demand = demandOf(context.workspace, work, { caps, timeoutMs, from });
  if (demand === null) return acting(start);
  const unaccepted = unacceptedHold(context, unit.step.id);
  if (unaccepted !== null) return held(unaccepted);
  const lacks = caps.flatMap((cap) => lackOf(facts, cap, { run: work.run, demand }));
  const rung = affordable(context, unit, { demand, lacks, from });
  const gone = lacks.find(({ kind }) => kind === "gone");
  const waits = lacks.find(({ kind }) => kind === "reserved");
  if (gone === undefined && waits !== undefined) return held(reservedHold(context, unit, waits));
  if (rung === null) {
    return gone === undefined
      ? granted(context, work, { start, grant: demand })
      : exceeded(context, unit, gone);
  }
  const { grant, ladder: lower } = rung;
  return granted(context, work, {
    start: onLadder(context, unit, { start, ladder: lower }),
    grant,
  });
}

interface Granting {
  readonly start: StepStart;
  readonly grant: GrantPlan;
}

function granted(context: RunContext, work: Work, { start, grant }: Granting): StepPlan {
  const { step, item, attempt } = start;
  const amount = amountOf(grant);
  context.planned.grants.push(grantFor(context, work, { step, item, attempt, amount }));
  return acting({ ...start, grant });
}

/** What counts of a grant: an axis without a limit has no cap that it would count for. */
export function amountOf({ micros, tokens, requests, ms }: GrantPlan): Amount {
  return { micros, tokens: tokens ?? 0, requests: requests ?? 0, ms };
}

/** Whether a cap may count the grant: what is free and unlimited needs nobody's word. */
export function isCounted(grant: GrantPlan): boolean {
  return Object.values(amountOf(grant)).some((amount) => amount > 0);
}

function workOf({ run }: RunContext, { agent }: UnitOfWork): Work {
  const { id, project, pipeline } = run.record;
  return { project, pipeline, run: id, agent, budget: run.pipeline.budget ?? [] };
}

function factsOf({ workspace, observed, now, planned }: RunContext): BudgetFacts {
  return { workspace, observed, now, planned: planned.grants };
}

interface Lack {
  /** `gone`: only another window helps; `reserved`: attempts at work may give some back; `soft`: it should be spared. */
  readonly kind: "gone" | "reserved" | "soft";
  readonly cap: Cap;
  /** Where it is `soft`, with what is granted to attempts at work. */
  readonly taken: number;
  readonly wanted: number;
  /** The agent has no limit on what the cap counts. */
  readonly isUnbounded?: true;
}

function lackOf(
  facts: BudgetFacts,
  cap: Cap,
  { run, demand }: { readonly run: string; readonly demand: GrantPlan },
): readonly Lack[] {
  const { taken, reserved } = standingOf(facts, cap, run);
  const wanted = demand[cap.axis];
  // What no limit of the agent bounds cannot be kept below a cap.
  if (wanted === null) {
    return [{ kind: "gone", cap, taken, wanted: cap.limit, isUnbounded: true }];
  }
  if (wanted === 0) return [];
  if (taken + wanted > cap.limit) return [{ kind: "gone", cap, taken, wanted }];
  if (taken + reserved + wanted > cap.limit) return [{ kind: "reserved", cap, taken, wanted }];
  const { softAt } = cap.budget;
  // Every rung takes time: of it nothing can be spared.
  const isSoft =
    cap.axis !== "ms" && softAt !== undefined && taken + reserved >= softAt * cap.limit;
  return isSoft ? [{ kind: "soft", cap, taken: taken + reserved, wanted }] : [];
}

interface Wanted {
  readonly demand: GrantPlan;
  readonly lacks: readonly Lack[];
  readonly from: number;
}

interface Affordable {
  readonly grant: GrantPlan;
  /** Where it begins when the rungs above cannot be paid. */
  readonly ladder: LadderStart | undefined;
}

/** What is left to grant where something is lacking and a rung of the ladder does without it; else null. */
function affordable(
  { workspace }: RunContext,
  { agent }: UnitOfWork,
  { demand, lacks, from }: Wanted,
): Affordable | null {
  const [first] = lacks;
  if (first === undefined) return { grant: demand, ladder: undefined };
  // Every rung takes time.
  if (lacks.some(({ cap }) => cap.axis === "ms")) return null;
  const lowered = lacks.reduce<GrantPlan>(
    (grant, { cap }) => ({ ...grant, [cap.axis]: 0 }),
    demand,
  );
  const rungs = rungsOf(agent);
  const lowest = rungs.findIndex(
    (rung, index) => index >= from && canPay(workspace, rung, lowered),
  );
  const rung = rungs[lowest];
  if (rung === undefined) return null;
  const why = wordsOf(first);
  const ladder = lowest === from ? undefined : { from: lowest, rung: rungName(rung), why };
  return { grant: { ...lowered, short: why }, ladder };
}

function wordsOf({ kind, cap, taken }: Lack): string {
  const { axis, limit, budget, scope } = cap;
  const share = `${amountWords(axis, taken)} of ${amountWords(axis, limit)} ${perWords(budget.per)}`;
  if (kind !== "soft") return `${scope} has used ${share}`;
  const { softAt = 1 } = budget;
  const spared = axis === "micros" ? "money is" : `${axisField(axis)} are`;
  return `${scope} has used or granted ${share}: from softAt (${Math.round(softAt * 100)} %) on ${spared} spared`;
}

function exceeded(context: RunContext, unit: UnitOfWork, lack: Lack): StepPlan {
  const hold = exceededHold(context, unit, lack);
  // A limit that the agent does not have fits below no cap.
  return lack.isUnbounded === true ? held(hold) : askForMore(context, { ...lack, hold });
}

function exceededHold(context: RunContext, { step, agent }: UnitOfWork, lack: Lack): Hold {
  const { cap, wanted, isUnbounded } = lack;
  const most =
    isUnbounded === true ? `any number of ${axisField(cap.axis)}` : amountWords(cap.axis, wanted);
  const need = `an attempt of ${agent.name} may take ${most}`;
  return stepHold(context, step.id, {
    reason: "budget-exceeded",
    why: `${wordsOf(lack)}, and ${need}`,
    unblock: unblockWords(lack, agent.name),
    until: nextWindowOf(context, cap),
  });
}

/** What to change, where, and to what; a limit that the agent does not have cannot fit below any cap. */
function unblockWords({ cap, taken, wanted, isUnbounded }: Lack, agent: string): string {
  const { axis, budget, file } = cap;
  const field = axisField(axis);
  const where = `agents/${agent}/agent.yaml`;
  if (isUnbounded === true) return `add limits.${field} to ${where}`;
  const least = amountWords(axis, taken + wanted);
  return `fettle costs   shows all caps; raise ${field} of { per: ${budget.per} } in the budget of ${file} to at least ${least}, or lower limits.${field} in ${where}, and commit`;
}

function reservedHold(context: RunContext, { step }: UnitOfWork, lack: Lack): Hold {
  return stepHold(context, step.id, {
    reason: "budget-reserved",
    why: `${wordsOf(lack)}, and attempts at work may take the rest`,
  });
}
