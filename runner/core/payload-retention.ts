/** Which months of recorded inputs, outputs and checkpoints are old enough to go. */
import type { Action, Hold, PayloadDrop } from "./action.ts";
import { DAY_MS, durationMs } from "#runner/core/time/duration.ts";
import { addMs, earliest } from "#runner/core/time/instant.ts";
import type { Observed } from "./model.ts";
import type { Want } from "./want.ts";
import type { Retention } from "#runner/schema/types.gen.ts";

export interface DropPlan {
  readonly actions: readonly PayloadDrop[];
  readonly holds: readonly Hold[];
  readonly wants: readonly Want[];
  readonly wake: string | null;
}

export interface DropFacts {
  /** What else there is to do. */
  readonly others: readonly Action[];
  readonly now: string;
  /** The operator has said that so much may go. */
  readonly allowLarge?: boolean;
}

type Months = Pick<Observed, "payload" | "payloadNeeds">;

/** More at once is rather a mistake in fettle.yaml than what was meant. */
const AT_ONCE = 3;
const TRIED_FOR_MS = 7 * DAY_MS;
const NO_DROPS: DropPlan = { actions: [], holds: [], wants: [], wake: null };

/** Whole months, when all of them is old and nothing else is left to do; what is still needed is held with what needs it. */
export function planDrops(
  observed: Months,
  retention: Retention | undefined,
  { others, now, allowLarge = false }: DropFacts,
): DropPlan {
  const period = retention?.shortTerm ?? "keep";
  if (period === "keep") return NO_DROPS;
  const months = [...observed.payload.keys()].toSorted();
  const ends = months.map((month) => ({ month, end: addMs(endOf(month), durationMs(period)) }));
  const due = ends.filter(({ end }) => end <= now).map(({ month }) => month);
  const wake = earliest(ends.map(({ end }) => (end > now ? end : null)));
  if (due.length === 0 || others.some(({ kind }) => kind !== "deliver"))
    return { ...NO_DROPS, wake };
  const wants = due
    .filter((month) => !observed.payloadNeeds.has(month))
    .map((month): Want => ({ kind: "payload-need", month, since: triedUntil(now) }));
  if (wants.length > 0) return { ...NO_DROPS, wants, wake };
  const free = due.filter((month) => observed.payloadNeeds.get(month) === null);
  const held = due.filter((month) => !free.includes(month)).map((month) => needed(observed, month));
  if (free.length > AT_ONCE && !allowLarge) {
    return { ...NO_DROPS, holds: [...held, tooLarge(free, period)], wake };
  }
  const rule = `shortTerm: ${period}`;
  const actions = free.map((month) => dropOf(observed, { month, rule }));
  return { actions, holds: held, wants, wake };
}

/** Runs that ended on this day or later may be tried once more, or undone: they keep what they cite. */
export function triedUntil(now: string): string {
  return addMs(now, -TRIED_FOR_MS).slice(0, 10);
}

function dropOf(
  { payload }: Months,
  { month, rule }: { readonly month: string; readonly rule: string },
): PayloadDrop {
  const because = `all of ${month} is older than retention keeps (${rule})`;
  return {
    kind: "payload-drop",
    project: "",
    because,
    month,
    head: payload.get(month) ?? "",
    rule,
  };
}

function needed({ payloadNeeds }: Months, month: string): Hold {
  return {
    project: null,
    subject: `payload:${month}`,
    reason: "payload-needed",
    why: `the inputs and outputs of ${month} are old enough to go, and ${payloadNeeds.get(month) ?? ""} needs some of them`,
    unblock: "they go when that has come to its end",
    until: null,
  };
}

function tooLarge(months: readonly string[], period: string): Hold {
  return {
    project: null,
    subject: "payload",
    reason: "payload-large",
    why: `shortTerm: ${period} would drop the inputs and outputs of ${months.length} months at once (${months[0] ?? ""} to ${months.at(-1) ?? ""})`,
    unblock: "fettle compact --allow-large   drops them; or mend retention in fettle.yaml",
    until: null,
  };
}

/** First instant after the month, in every time zone. */
function endOf(month: string): string {
  const [year = 0, number = 0] = month.split("-").map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
  return `${next.padStart(7, "0")}-02T00:00:00.000Z`;
}
