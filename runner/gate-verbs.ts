/** Verbs about what waits for the operator. */
import type { Command } from "commander";
import type { Verb } from "./command-line.ts";

export function addGateVerbs(verb: (line: Verb) => Command): void {
  verb({
    usage: "approve [gate]",
    summary: "approve what waits: merges it in your name",
    first: true,
    examples: [
      ["fettle approve", "what waits for you, and how to look at it"],
      ["fettle approve chase-invoices-mgrb10cf", "approve it; the start of the name is enough"],
    ],
    act: async (context, gate: string | undefined, options: { list?: boolean }) =>
      (await import("./verbs/approve.ts")).approveVerb(context, {
        gate: gate ?? null,
        list: options.list === true,
      }),
  }).option("--list", "only list what waits");

  verb({
    usage: "reject <gate>",
    summary: "reject what waits",
    first: true,
    examples: [
      ['fettle reject chase-invoices-mgrb10cf --reason "too early"', "the reason is kept"],
    ],
    act: async (context, gate: string, { reason }: { reason: string }) =>
      (await import("./verbs/reject.ts")).rejectVerb(context, { gate, reason }),
  }).requiredOption("--reason <text>", "why; kept with the decision");

  verb({
    usage: "gates",
    summary: "show what is open and what is queued, in which order and why",
    past: true,
    examples: [["fettle gates", "what you are asked now, and what comes next"]],
    act: async (context) => (await import("./verbs/gates.ts")).gatesVerb(context),
  });

  verb({
    usage: "command <event>",
    summary: "do what an operator has asked for in a comment on GitHub",
    examples: [
      [
        'fettle command "$GITHUB_EVENT_PATH"',
        "in GitHub Actions: /fettle approve, /fettle reject <reason>, /fettle explain",
      ],
    ],
    act: async (context, event: string) =>
      (await import("./verbs/command.ts")).commandVerb(context, { event }),
  });
}
