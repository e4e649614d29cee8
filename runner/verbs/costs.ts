/** `fettle costs`: what was spent, on what, and how the caps stand. */
import { DAYS_KEPT } from "#runner/core/kept-days.ts";
import { capStandings } from "#runner/core/money/cap-standing.ts";
import { type CostKey, costReport } from "#runner/core/money/cost-report.ts";
import { costsCsv, renderCosts } from "#runner/report/costs-text.ts";
import { renderMinutes } from "#runner/report/minutes-text.ts";
import { looking } from "./looking.ts";
import { minutesOf } from "./minutes.ts";
import { type Answer, refused, type VerbContext } from "./verb.ts";

/** As far back as the state knows days. */

interface Asked {
  readonly by: CostKey;
  readonly days: number;
  readonly csv: boolean;
}

export async function costsVerb(context: VerbContext, { by, days, csv }: Asked): Promise<Answer> {
  if (days < 1 || days > DAYS_KEPT) {
    const next = "fettle costs --days 30; older months stand in git log fettle/state";
    return refused("usage", `--days must be from 1 to ${DAYS_KEPT}`, next);
  }
  return looking(context, ({ workspace, observed }) => {
    const facts = { workspace, observed, now: context.clock() };
    const report = costReport(facts, { by, days });
    const caps = capStandings(facts);
    const { currency } = workspace.settings;
    const text = csv
      ? costsCsv(report)
      : renderCosts(
          { report, caps, ...(currency === undefined ? {} : { currency }) },
          context.look,
        );
    const minutes = minutesOf(facts);
    const also = csv ? "" : renderMinutes(minutes, context.look);
    const json = { ...report, caps, minutes: minutes?.standing ?? null };
    return { exit: "ok", text: `${text}${also}`, json };
  });
}
