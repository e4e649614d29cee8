/** The kill switch. */
import type { AddVerb } from "./command-line.ts";

interface StopOptions {
  readonly reason?: string;
}

export function addStopVerbs(verb: AddVerb): void {
  verb({
    usage: "stop [what]",
    summary: "let nothing new begin: of all, of a project or of a pipeline",
    examples: [
      ["fettle stop", "everything, also while a tick is at work and while a file is broken"],
      ['fettle stop collections --reason "wrong prices"', "a project"],
      ["fettle stop collections/chase-invoices", "a pipeline"],
    ],
    act: async (context, what: string | undefined, options: StopOptions) =>
      (await import("#runner/verbs/stop.ts")).stopVerb(context, {
        what: what ?? null,
        reason: options.reason ?? null,
      }),
  }).option("--reason <text>", "why, for the record");
  verb({
    usage: "start [what]",
    summary: "let go on what was stopped",
    examples: [
      ["fettle start", "everything"],
      ["fettle start collections", "the project that was stopped"],
    ],
    act: async (context, what: string | undefined) =>
      (await import("#runner/verbs/stop.ts")).startVerb(context, { what: what ?? null }),
  });
}
