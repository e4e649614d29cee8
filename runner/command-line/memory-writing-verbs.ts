/** Verbs that change memory, each with one commit on main in the operator's name. */
import { type Command, Option } from "commander";
import type { AddVerb } from "./command-line.ts";
import type { EntryOptions } from "#runner/verbs/memory-add.ts";

type Superseding = readonly [text: string | undefined, options: EntryOptions];

const WRITTEN_KINDS = ["fact", "decision", "template", "heuristic"];

export function addMemoryWritingVerbs(verb: AddVerb): void {
  addAdd(verb);
  addSupersede(verb);
  addRetract(verb);
  addPins(verb);
}

function addAdd(verb: AddVerb): void {
  const command = verb({
    usage: "add [text]",
    summary: "remember something, with a commit on main",
    examples: [
      ['fettle memory add --subject client/acme "Pays on Fridays."', "a fact, for all projects"],
      ["fettle memory add --subject studio --kind template < opening.md", "from standard input"],
    ],
    act: async (context, text: string | undefined, options: EntryOptions) =>
      (await import("#runner/verbs/memory-add.ts")).memoryAddVerb(context, text ?? null, options),
  });
  described(command).option("--namespace <project>", "for this project; else for all", "org");
}

function addSupersede(verb: AddVerb): void {
  const command = verb({
    usage: "supersede <id> [text]",
    summary: "replace a record by a newer one; the old one stays on record",
    examples: [['fettle memory supersede 7k3q "Pays on Mondays."', "about the same thing"]],
    act: async (context, id: string, ...[text, options]: Superseding) =>
      (await import("#runner/verbs/memory-supersede.ts")).memorySupersedeVerb(context, {
        id,
        text: text ?? null,
        options,
      }),
  });
  described(command);
}

function addRetract(verb: AddVerb): void {
  verb({
    usage: "retract <id>",
    summary: "say that a record is wrong: nobody is told it any more",
    examples: [['fettle memory retract 7k3q --reason "that was Apex, not Acme"', "and why"]],
    act: async (context, id: string, { reason }: { readonly reason: string }) =>
      (await import("#runner/verbs/memory-supersede.ts")).memoryRetractVerb(context, {
        id,
        reason,
      }),
  }).requiredOption("--reason <text>", "why, for the record");
}

function addPins(verb: AddVerb): void {
  for (const [usage, summary, pinned] of [
    ["pin", "keep a record: it never expires, and no agent replaces it", true],
    ["unpin", "let a record expire again", false],
  ] as const) {
    verb({
      usage: `${usage} <id>`,
      summary,
      examples: [[`fettle memory ${usage} 7k3q`, "the start of the id is enough"]],
      act: async (context, id: string) =>
        (await import("#runner/verbs/memory-pin.ts")).memoryPinVerb(context, { id, pinned }),
    });
  }
}

function described(command: Command): Command {
  return command
    .addOption(new Option("--kind <kind>", "what sort of thing").choices(WRITTEN_KINDS))
    .option("--subject <path>", "what it is about: client/acme")
    .option("--attribute <name>", "the one thing that it says: payment-terms")
    .option("--valid-from <day>", "first day on which it holds")
    .option("--valid-to <day>", "first day on which it holds no more")
    .option("--confidence <number>", "how sure, 0 to 1", Number)
    .option("--ttl <duration>", "forget it after so long: 180d")
    .option("--tag <tag...>", "to find it by")
    .option("--pinned", "it never expires");
}
