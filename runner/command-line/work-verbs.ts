/** To ask for work, to do it, and to see where it stands. */
import type { AddVerb } from "./command-line.ts";

interface Detailed {
  readonly detailedExitcode?: boolean;
}

export function addWorkVerbs(verb: AddVerb): void {
  verb({
    usage: "run <pipeline>",
    summary: "ask for a run; reconcile carries it out",
    first: true,
    examples: [
      ["fettle run brief", "by its name"],
      [
        "fettle run collections/chase-invoices --set minDays=30",
        "of one project, with a parameter",
      ],
    ],
    act: async (context, pipeline: string, { set, reason }: { set?: string[]; reason?: string }) =>
      (await import("#runner/verbs/run.ts")).runVerb(context, {
        pipeline,
        set: set ?? [],
        reason: reason ?? null,
      }),
  })
    .option("--set <name=value...>", "a parameter")
    .option("--reason <text>", "why, for the record");

  verb({
    usage: "reconcile",
    summary: "do what is due, until nothing is",
    first: true,
    examples: [
      ["fettle reconcile", "once; Ctrl-C keeps what is done"],
      ["fettle reconcile --watch", "and again on every commit and at every due time"],
      ["fettle reconcile --json", "every event on a line of its own"],
    ],
    act: async (context, options: Detailed & { watch?: boolean }) =>
      (await import("#runner/verbs/reconcile.ts")).reconcileVerb(context, {
        watch: options.watch === true,
        detailedExitcode: options.detailedExitcode === true,
      }),
  })
    .option("--watch", "keep going: on every commit and at every due time")
    .option("--detailed-exitcode", "exit 2 when something was done, 3 when you are waited for");

  verb({
    usage: "status",
    summary: "show where everything stands; what needs you first",
    first: true,
    past: true,
    examples: [
      ["fettle status", "now"],
      ["fettle --at fettle/state~20 status", "as it was recorded twenty commits ago"],
    ],
    act: async (context) => (await import("#runner/verbs/status.ts")).statusVerb(context),
  });
}
