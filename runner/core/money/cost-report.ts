/** What was spent, on what, and how the caps stand. */
import { NO_AMOUNT, plus, sumOf } from "./amount.ts";
import { localDay } from "#runner/core/time/calendar.ts";
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { Accepted, Amount, Money } from "#runner/schema/types.gen.ts";

export const COST_KEYS = ["project", "pipeline", "agent", "model", "day"] as const;
export type CostKey = (typeof COST_KEYS)[number];

export interface CostRow {
  readonly key: string;
  readonly amount: Amount;
  /** Of a project. */
  readonly accepted?: Accepted;
  /** Micro-dollars for each gate that was approved and each file that came to main; null where there was none. */
  readonly perOutcome?: number | null;
}

export interface CostReport {
  readonly by: CostKey;
  /** First and last calendar day, both included. */
  readonly since: string;
  readonly until: string;
  /** Dearest first; days in their order. */
  readonly rows: readonly CostRow[];
  readonly total: Amount;
  /** Given to attempts that have no result yet. */
  readonly reserved: Amount;
}

export interface CostFacts {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly now: string;
}

/** The last `days` calendar days, today included; the state knows 35. */
export function costReport(
  { workspace, observed, now }: CostFacts,
  { by, days }: { readonly by: CostKey; readonly days: number },
): CostReport {
  const until = localDay(now, timezoneOf(workspace.settings));
  const since = addMs(`${until}T00:00:00.000Z`, (1 - days) * DAY_MS).slice(0, 10);
  const { money } = observed.summaries.workspace;
  const parts = money === undefined ? [] : partsOf(money, by);
  const recent = parts.filter(({ day }) => day >= since);
  const rows = grouped(recent).map((row) => ({ ...row, ...outcomesOf(money, row, { by, since }) }));
  return {
    by,
    since,
    until,
    rows: by === "day" ? rows.toSorted(byName) : rows.toSorted(dearestFirst),
    total: sumOf(recent.map(({ amount }) => amount)),
    reserved: sumOf((money?.grants ?? []).map(({ amount }) => amount)),
  };
}

interface Part {
  readonly day: string;
  readonly key: string;
  readonly amount: Amount;
}

function partsOf({ days, models }: Money, by: CostKey): readonly Part[] {
  const table = by === "model" ? models : days;
  return Object.entries(table).flatMap(([day, amounts]) =>
    Object.entries(amounts).map(([name, amount]) => ({ day, key: keyOf(by, day, name), amount })),
  );
}

/** `name`: `<project>/<pipeline>/<agent>`, or `<provider>/<model>`. */
function keyOf(by: CostKey, day: string, name: string): string {
  const [project = "", pipeline = "", agent = ""] = name.split("/");
  switch (by) {
    case "project":
      return project;
    case "pipeline":
      return `${project}/${pipeline}`;
    case "agent":
      return agent;
    case "model":
      return name;
    case "day":
      return day;
  }
}

function grouped(parts: readonly Part[]): readonly CostRow[] {
  const sums = new Map<string, Amount>();
  for (const { key, amount } of parts) sums.set(key, plus(sums.get(key) ?? NO_AMOUNT, amount));
  return [...sums].map(([key, amount]) => ({ key, amount }));
}

function outcomesOf(
  money: Money | undefined,
  { key, amount }: CostRow,
  { by, since }: { readonly by: CostKey; readonly since: string },
): Pick<CostRow, "accepted" | "perOutcome"> {
  if (by !== "project" || money === undefined) return {};
  const found = Object.entries(money.accepted).flatMap(([day, projects]) =>
    day >= since ? (projects[key] ?? []) : [],
  );
  const approved = found.reduce((sum, one) => sum + one.approved, 0);
  const delivered = found.reduce((sum, one) => sum + one.delivered, 0);
  const count = approved + delivered;
  const perOutcome = count === 0 ? null : Math.ceil(amount.micros / count);
  return { accepted: { approved, delivered }, perOutcome };
}

function byName(a: CostRow, b: CostRow): number {
  return a.key < b.key ? -1 : 1;
}

function dearestFirst(a: CostRow, b: CostRow): number {
  return b.amount.micros - a.amount.micros || b.amount.tokens - a.amount.tokens || byName(a, b);
}
