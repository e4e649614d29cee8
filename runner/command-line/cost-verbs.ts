/** Verbs about money. */
import { DAYS_KEPT } from "#runner/core/kept-days.ts";
import { Argument, Option } from "commander";
import { COST_KEYS, type CostKey } from "#runner/core/money/cost-report.ts";
import { type AddVerb, wholeNumber } from "./command-line.ts";

interface CostsOptions {
  readonly update?: boolean;
  readonly by: CostKey;
  readonly days: number;
  readonly csv?: boolean;
}

export function addCostVerbs(verb: AddVerb): void {
  verb({
    usage: "costs",
    summary: "show what was spent, on what, and how the caps stand",
    first: true,
    past: true,
    examples: [
      ["fettle costs", "the last 30 days by project, and every cap"],
      ["fettle costs --by model --days 7", "the last week by model"],
      ["fettle costs --by day --csv > costs.csv", "for a spreadsheet"],
      [
        "fettle costs prices",
        "what the models of fettle.yaml cost, and where the prices come from",
      ],
      ["fettle costs prices --update", "fetch the current list; nothing is committed"],
    ],
    act: async (context, view: "prices" | undefined, options: CostsOptions) => {
      const { by, days, csv = false, update = false } = options;
      return view === "prices"
        ? (await import("#runner/verbs/costs-prices.ts")).costsPricesVerb(context, { update })
        : (await import("#runner/verbs/costs.ts")).costsVerb(context, { by, days, csv });
    },
  })
    .addArgument(new Argument("[view]", "what is shown").choices(["prices"]))
    .addOption(new Option("--by <key>", "what is told apart").choices(COST_KEYS).default("project"))
    .option(
      "--days <number>",
      `the last days, today included; at most ${DAYS_KEPT}`,
      wholeNumber,
      30,
    )
    .option("--csv", "comma-separated values")
    .option("--update", "with prices: write the list of today to prices/models.json");
}
