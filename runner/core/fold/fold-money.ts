/** What was granted and what was taken of it: derived from events, as all summaries are. */
import { NO_AMOUNT, plus, sumOf } from "#runner/core/money/amount.ts";
import { entryOf } from "#runner/core/entry.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import { DAYS_KEPT } from "#runner/core/kept-days.ts";
import type { Accepted, Amount, Grant, Money } from "#runner/schema/types.gen.ts";

const NO_MONEY: Money = { grants: [], days: {}, totals: {}, runs: {}, models: {}, accepted: {} };

/** Whom a grant counts for. */
export function spender(who: {
  readonly project: string;
  readonly pipeline: string;
  readonly agent: string;
}): string {
  return `${who.project}/${who.pipeline}/${who.agent}`;
}

/** The money after `event`; undefined while nothing was ever granted. */
export function foldMoney(money: Money | undefined, event: LedgerEvent): Money | undefined {
  if (event.kind === "spend-granted") return granted(money ?? NO_MONEY, event);
  if (money === undefined) return undefined;
  if (event.kind === "run-finished") return closed(money, event);
  if (event.kind === "step-finished" || event.kind === "spend-settled") {
    return withModels(ended(money, event), event, money);
  }
  const accepted = acceptedBy(event);
  return accepted === null ? money : withAccepted(money, event, accepted);
}

/** What people said yes to, and what came to main. */
function acceptedBy(event: LedgerEvent): Accepted | null {
  if (event.kind === "files-delivered") {
    return { approved: 0, delivered: Object.keys(event.owned).length };
  }
  const isApproval =
    event.kind === "gate-settled" && event.gate !== null && event.decision === "approved";
  return isApproval ? { approved: 1, delivered: 0 } : null;
}

/** Micro-dollars that are known to be gone since this event. */
export function paidBy(money: Money | undefined, event: LedgerEvent): number {
  const over = money === undefined ? [] : endings(money, event);
  if (over.length > 0) return sumOf(over.map(({ taken }) => taken)).micros;
  return event.kind === "step-finished" ? event.costMicros : 0;
}

interface Ending {
  readonly grant: Grant;
  readonly taken: Amount;
}

/**
 * Grants that come to their end. Each is settled by whoever was given it: who takes its work over, or has its result
 * first, knows nothing of what it takes meanwhile. With its run it ends as taken in full.
 */
function endings({ grants }: Money, event: LedgerEvent): readonly Ending[] {
  if (event.kind === "run-finished") {
    const ofRun = grants.filter(({ run }) => run === event.run);
    return ofRun.map((grant) => ({ grant, taken: grant.amount }));
  }
  if (event.kind !== "step-finished" && event.kind !== "spend-settled") return [];
  const own = grants.filter(({ grant }) => grant === event.grant);
  return own.map((grant) => ({ grant, taken: event.spent ?? grant.amount }));
}

function granted(money: Money, event: EventOf<"spend-granted">): Money {
  const { run, step, item, attempt, grant: name, day, amount } = event;
  const grant: Grant = { grant: name, unit: spender(event), run, step, item, attempt, day, amount };
  return { ...money, grants: [...money.grants, grant] };
}

function closed(money: Money, event: EventOf<"run-finished">): Money {
  const after = ended(money, event);
  if (entryOf(after.runs, event.run) === undefined) return after;
  const { [event.run]: _, ...runs } = after.runs;
  return { ...after, runs };
}

function ended(money: Money, event: LedgerEvent): Money {
  const over = endings(money, event);
  if (over.length === 0) return money;
  const gone = new Set(over.map(({ grant }) => grant));
  const left = { ...money, grants: money.grants.filter((grant) => !gone.has(grant)) };
  const after = over.reduce(withTaken, left);
  return { ...after, days: recent(after.days, event.at) };
}

function recent<Value>(days: Readonly<Record<string, Value>>, at: string): Record<string, Value> {
  const since = addMs(at, -DAYS_KEPT * DAY_MS).slice(0, 10);
  return Object.fromEntries(Object.entries(days).filter(([day]) => day >= since));
}

/** By model, on the day of the grant. */
function withModels(
  after: Money,
  event: EventOf<"step-finished" | "spend-settled">,
  before: Money,
): Money {
  const { models: taken = {} } = event;
  const day =
    before.grants.find(({ grant }) => grant === event.grant)?.day ?? event.at.slice(0, 10);
  const spent = Object.entries(taken);
  if (spent.length === 0) return after;
  const ofDay = spent.reduce<Amounts>(
    (amounts, [model, amount]) => added(amounts, model, amount),
    entryOf(after.models, day) ?? {},
  );
  return { ...after, models: recent({ ...after.models, [day]: { ...ofDay } }, event.at) };
}

function withAccepted(
  money: Money,
  { at, project }: { readonly at: string; readonly project: string },
  { approved, delivered }: Accepted,
): Money {
  const day = at.slice(0, 10);
  const ofDay = entryOf(money.accepted, day) ?? {};
  const before = entryOf(ofDay, project) ?? { approved: 0, delivered: 0 };
  const after = {
    approved: before.approved + approved,
    delivered: before.delivered + delivered,
  };
  const accepted = { ...money.accepted, [day]: { ...ofDay, [project]: after } };
  return { ...money, accepted: recent(accepted, at) };
}

function withTaken(money: Money, { grant, taken: amount }: Ending): Money {
  const { unit, run, day } = grant;
  return {
    ...money,
    days: { ...money.days, [day]: added(entryOf(money.days, day) ?? {}, unit, amount) },
    totals: added(money.totals, unit, amount),
    runs: added(money.runs, run, amount),
  };
}

type Amounts = Readonly<Record<string, Amount>>;

function added(amounts: Amounts, key: string, amount: Amount): Record<string, Amount> {
  return { ...amounts, [key]: plus(entryOf(amounts, key) ?? NO_AMOUNT, amount) };
}
