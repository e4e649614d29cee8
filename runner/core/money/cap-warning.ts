/** Caps that are nearly used up, in words: derived from what is recorded, so that nobody is told twice by an event. */
import type { Axis } from "./budget.ts";
import { aboutWords, amountWords, perWords } from "./amount-words.ts";
import { type CapStanding, capStandings } from "./cap-standing.ts";
import type { CostFacts } from "./cost-report.ts";

export interface CapWarning {
  /** `next`: what is left may not do for the next run. */
  readonly level: Exclude<CapStanding["level"], "fine"> | "next";
  readonly scope: string;
  readonly file: string;
  /** One sentence. */
  readonly text: string;
  /** When the next window begins. */
  readonly until: string | null;
}

/** The fullest first. */
export function capWarnings(facts: CostFacts): readonly CapWarning[] {
  // Where nothing was ever granted nothing is used up.
  if (facts.observed.summaries.workspace.money === undefined) return [];
  return capStandings(facts)
    .filter(({ taken, reserved }) => taken + reserved > 0)
    .flatMap((cap) => warningOf(cap))
    .toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
}

const ORDER: readonly CapWarning["level"][] = ["full", "soft", "warn"];

function warningOf(cap: CapStanding): readonly CapWarning[] {
  const { level, scope, file, until } = cap;
  if (level === "fine") return [];
  return [
    {
      level,
      scope,
      file,
      text: `${usedWords(cap)}${thenWords(level, cap)}${endWords(cap)}`,
      until,
    },
  ];
}

function thenWords(level: Exclude<CapWarning["level"], "next">, { axis }: CapStanding): string {
  switch (level) {
    case "warn":
      return "";
    case "soft":
      return SPARING[axis];
    case "full":
      return ": nothing begins that needs more";
  }
}

/** What is done from `softAt` on; every rung takes time. */
const SPARING: Readonly<Record<Axis, string>> = {
  micros: ": agents that have a rung that costs nothing are on it",
  tokens: ": agents that have a rung that asks no model are on it",
  requests: ": agents that have a rung that asks no model are on it",
  ms: "",
};

/** `project shop has used 0.42 USD of 0.5 USD per day (84 %)`. */
function usedWords({ scope, axis, taken, reserved, limit, per }: CapStanding): string {
  const granted =
    reserved === 0 ? "" : `, and granted ${amountWords(axis, reserved)} to attempts at work`;
  const share = limit === 0 ? "" : ` (${Math.floor(((taken + reserved) / limit) * 100)} %)`;
  return `${scope} has used ${amountWords(axis, taken)} of ${amountWords(axis, limit)} ${perWords(per)}${granted}${share}`;
}

function endWords({ axis, projected, taken, per }: CapStanding): string {
  if (projected === null || projected <= taken) return "";
  return `; at this rate it would be ${aboutWords(axis, projected)} by the end of the ${per}`;
}
