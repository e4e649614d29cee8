/** What was done: told, attested, verified and folded. */
import { type AddVerb, wholeNumber } from "./command-line.ts";

export function addHistoryVerbs(verb: AddVerb): void {
  verb({
    usage: "runs",
    summary: "list the runs, newest first",
    past: true,
    examples: [["fettle runs --project collections --limit 5", "the last five of one project"]],
    act: async (context, { project, limit }: { project?: string; limit: number }) =>
      (await import("#runner/verbs/runs.ts")).runsVerb(context, {
        project: project ?? null,
        limit,
      }),
  })
    .option("--project <name>", "only of this project")
    .option("--limit <number>", "at most so many", wholeNumber, 20);

  verb({
    usage: "timeline <run>",
    summary: "show the steps of a run over time",
    past: true,
    examples: [
      ["fettle timeline chase-invoices", "the latest run of the pipeline"],
      ["fettle timeline chase-invoices.8dtw", "a run; the start of the name is enough"],
    ],
    act: async (context, id: string) =>
      (await import("#runner/verbs/timeline.ts")).timelineVerb(context, id),
  });

  verb({
    usage: "attest <run>",
    summary: "print in-toto statements of a run or <run>/<step>",
    past: true,
    examples: [["fettle attest chase-invoices.8dtw4xsztqfr/send", "one statement a line"]],
    act: async (context, id: string) =>
      (await import("#runner/verbs/attest.ts")).attestVerb(context, id),
  });

  verb({
    usage: "verify",
    summary: "check that the recorded history holds together",
    examples: [["fettle verify", "exit 0: verified; 1: broken or incomplete"]],
    act: async (context) => (await import("#runner/verbs/verify.ts")).verifyVerb(context),
  });
}

export function addCompact(verb: AddVerb): void {
  verb({
    usage: "compact",
    summary: "fold old records; ticks do so by themselves",
    examples: [
      ["fettle compact", "all that is old enough, and the packs of this clone"],
      ["fettle compact --dry-run", "what it would fold, and drop by retention"],
    ],
    act: async (context, options: { dryRun?: boolean; allowLarge?: boolean }) =>
      (await import("#runner/verbs/compact.ts")).compactVerb(context, {
        dryRun: options.dryRun === true,
        allowLarge: options.allowLarge === true,
      }),
  })
    .option("--dry-run", "only tell what would be folded and dropped")
    .option("--allow-large", "though retention drops more than three months at once");
}
