/** To go on from a main that was written anew, and to be told why. */
import { type AddVerb, wholeNumber } from "./command-line.ts";

interface ExplainOptions {
  readonly autoBelow?: number;
  readonly gateFrom?: number;
  readonly last: number;
}
export function addExplainVerbs(verb: AddVerb): void {
  verb({
    usage: "accept-rewrite",
    summary: "take a main that was amended or force-pushed as it is",
    examples: [
      ["fettle accept-rewrite", "says which commit it replaces and which files differ"],
      ['fettle accept-rewrite --reason "squashed the drafts"', "the reason is kept"],
    ],
    act: async (context, { reason }: { reason?: string }) =>
      (await import("#runner/verbs/accept-rewrite.ts")).acceptRewriteVerb(context, {
        reason: reason ?? null,
      }),
  }).option("--reason <text>", "why, for the record");

  verb({
    usage: "explain <thing>",
    summary: "tell why anything that has a name is as it is",
    first: true,
    past: true,
    examples: [
      ["fettle explain chase-invoices", "a pipeline, project, goal or agent"],
      ["fettle explain chase-invoices.8dtw", "a run; the start of the name is enough"],
      ["fettle explain chase-invoices/draft", "a step of the latest run"],
      ["fettle explain 'chase-invoices/draft[INV-7]'", "one item of it"],
      ["fettle explain fettle/gate/chase-invoices-mgrb10cf", "a gate"],
      [
        "fettle explain policy --auto-below 30",
        "the gates of late, and what would have been asked",
      ],
    ],
    act: async (context, thing: string, options: ExplainOptions) =>
      thing === "policy" || options.autoBelow !== undefined || options.gateFrom !== undefined
        ? (await import("#runner/verbs/explain-policy.ts")).explainPolicyVerb(context, {
            thing,
            ...options,
          })
        : (await import("#runner/verbs/explain.ts")).explainVerb(context, thing),
  })
    .option("--auto-below <risk>", "with policy: as though autoBelow were this", wholeNumber)
    .option("--gate-from <risk>", "with policy: as though gateFrom were this", wholeNumber)
    .option("--last <number>", "with policy: how many gates are shown", wholeNumber, 20);
}
