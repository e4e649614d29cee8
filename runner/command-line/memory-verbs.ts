/** Verbs about memory: `fettle memory …`. */
import { type Command, Option } from "commander";
import type { AddVerb } from "./command-line.ts";
import { addMemorySearchVerbs } from "./memory-search-verbs.ts";
import { addMemoryCareVerbs } from "./memory-care-verbs.ts";
import { addMemoryWritingVerbs } from "./memory-writing-verbs.ts";

interface FilterOptions {
  readonly namespace?: string;
  readonly kind?: string;
  readonly subject?: string;
  readonly all?: boolean;
  readonly asOf?: string;
}

const KINDS = ["fact", "decision", "template", "heuristic", "episode"];

export function addMemoryVerbs(verb: AddVerb): void {
  addList(verb);
  addShow(verb);
  addLint(verb);
  addStats(verb);
  addMemorySearchVerbs(verb);
  addMemoryWritingVerbs(verb);
  addMemoryCareVerbs(verb);
}

function addList(verb: AddVerb): void {
  const command = verb({
    usage: "list",
    summary: "list what is remembered and in force",
    examples: [
      ["fettle memory list --subject client/acme", "all about a client"],
      ["fettle memory list --kind decision --all", "also what was superseded or retracted"],
      ["fettle memory list --as-of 2026-06-30", "what was known at the end of a day"],
    ],
    act: async (context, options: FilterOptions) =>
      (await import("#runner/verbs/memory-list.ts")).memoryListVerb(context, filterOf(options)),
  });
  filtered(command).option("--all", "also what is not in force any more");
}

function filtered(command: Command): Command {
  return command
    .option("--namespace <project>", "of this project, or org")
    .addOption(new Option("--kind <kind>", "of this kind").choices(KINDS))
    .option("--subject <path>", "about this, and what stands below it")
    .option(...AS_OF);
}

function filterOf({ namespace, kind, subject, all, asOf }: FilterOptions): {
  readonly namespace: string | null;
  readonly kind: string | null;
  readonly subject: string | null;
  readonly all: boolean;
  readonly asOf: string | null;
} {
  return {
    namespace: namespace ?? null,
    kind: kind ?? null,
    subject: subject ?? null,
    all: all === true,
    asOf: asOf ?? null,
  };
}

const AS_OF = ["--as-of <moment>", "what main was then: a day, an instant or a commit"] as const;

interface Moment {
  readonly asOf?: string;
}

function addShow(verb: AddVerb): void {
  verb({
    usage: "show <id>",
    summary: "show a record: where it comes from, what replaced it, who used it",
    examples: [["fettle memory show 7k3q", "the start of the id is enough"]],
    act: async (context, id: string, { asOf }: Moment) =>
      (await import("#runner/verbs/memory-show.ts")).memoryShowVerb(context, {
        id,
        asOf: asOf ?? null,
      }),
  }).option(...AS_OF);
}

function addLint(verb: AddVerb): void {
  verb({
    usage: "lint",
    summary: "say which records contradict each other, and what else is wrong",
    examples: [["fettle memory lint", "exit 65: some records contradict each other"]],
    act: async (context, { asOf }: Moment) =>
      (await import("#runner/verbs/memory-lint.ts")).memoryLintVerb(context, asOf ?? null),
  }).option(...AS_OF);
}

function addStats(verb: AddVerb): void {
  verb({
    usage: "stats",
    summary: "say how much is remembered, and what of it is used",
    examples: [["fettle memory stats", "by namespace and kind"]],
    act: async (context, { asOf }: Moment) =>
      (await import("#runner/verbs/memory-stats.ts")).memoryStatsVerb(context, asOf ?? null),
  }).option(...AS_OF);
}
