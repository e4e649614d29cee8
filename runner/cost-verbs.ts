/** Verbs about money. */
import { Argument, type Command } from "commander";
import type { Verb } from "./command-line.ts";

export function addCostVerbs(verb: (line: Verb) => Command): void {
  verb({
    usage: "costs",
    summary: "show what models cost",
    examples: [
      ["fettle costs prices", "of the models in fettle.yaml, and where the prices come from"],
      ["fettle costs prices --update", "fetch the current list; nothing is committed"],
    ],
    act: async (context, _view: "prices", { update }: { readonly update?: boolean }) =>
      (await import("./verbs/costs-prices.ts")).costsPricesVerb(context, {
        update: update === true,
      }),
  })
    .addArgument(new Argument("<view>", "what is shown").choices(["prices"]))
    .option("--update", "write the list of today to prices/models.json");
}
