/** Verbs that keep memory in order: what is old, what is said twice, what must be forgotten. */
import { Option } from "commander";
import type { MemoryKind } from "#runner/schema/types.gen.ts";
import type { AddVerb } from "./command-line.ts";

interface PruneOptions {
  readonly yes?: boolean;
  readonly allowLarge?: boolean;
}

export function addMemoryCareVerbs(verb: AddVerb): void {
  addReview(verb);
  addPrune(verb);
  addConsolidate(verb);
  addForget(verb);
  addPurge(verb);
  addExport(verb);
  addImport(verb);
}

interface ExportOptions {
  readonly markdown?: string;
  readonly namespace?: string;
  readonly asOf?: string;
}

function addExport(verb: AddVerb): void {
  verb({
    usage: "export",
    summary: "write every record as a line of JSON, or as files of a folder",
    examples: [
      ["fettle memory export > memory.jsonl", "a record a line"],
      ["fettle memory export --markdown ../notes", "a file each"],
    ],
    act: async (context, { markdown, namespace, asOf }: ExportOptions) =>
      (await import("#runner/verbs/memory-export.ts")).memoryExportVerb(context, {
        markdown: markdown ?? null,
        namespace: namespace ?? null,
        asOf: asOf ?? null,
      }),
  })
    .option("--markdown <folder>", "files with front matter, in a folder that is made")
    .option("--namespace <project>", "of this project, or org")
    .option("--as-of <moment>", "what main was then: a day, an instant or a commit");
}

interface ImportOptions {
  readonly namespace: string;
  readonly kind: MemoryKind;
  readonly trusted?: boolean;
  readonly keepPins?: boolean;
}

function addImport(verb: AddVerb): void {
  verb({
    usage: "import <from>",
    summary: "take in records, notes or a coding agent's memory file, in one commit",
    examples: [
      ["fettle memory import memory.jsonl --trusted --keep-pins", "what your own export wrote"],
      ["fettle memory import ../other/CLAUDE.md", "each bullet is a rule of thumb"],
      ["fettle memory import ../notes --namespace collections", "a folder of Markdown"],
    ],
    act: async (context, from: string, options: ImportOptions) =>
      (await import("#runner/verbs/memory-import.ts")).memoryImportVerb(context, {
        from,
        namespace: options.namespace,
        kind: options.kind,
        isTrusted: options.trusted === true,
        keepsPins: options.keepPins === true,
      }),
  })
    .option("--namespace <project>", "of what says nothing of it", "org")
    .option("--trusted", "you vouch for it; else it counts as text from outside")
    .option("--keep-pins", "what says that it is pinned, is")
    .addOption(
      new Option("--kind <kind>", "of bullets")
        .choices(["fact", "decision", "template", "heuristic"])
        .default("heuristic"),
    );
}

interface ForgetOptions {
  readonly subject?: string;
  readonly word?: readonly string[];
  readonly allowLarge?: boolean;
  readonly reason?: string;
  readonly yes?: boolean;
}

function addForget(verb: AddVerb): void {
  verb({
    usage: "forget [id]",
    summary: "remove a record, or all about a subject, for good, wherever it stands; --yes does it",
    examples: [
      ["fettle memory forget 7k3q", "what would go, and what of it stands elsewhere"],
      ['fettle memory forget --subject client/acme --word "Acme GmbH"', "by all of its names"],
      ['fettle memory forget --subject client/acme --reason "asked to" --yes', "do it"],
    ],
    act: async (context, id: string | undefined, options: ForgetOptions) =>
      (await import("#runner/verbs/memory-forget.ts")).memoryForgetVerb(context, {
        id: id ?? null,
        subject: options.subject ?? null,
        words: options.word ?? [],
        allowLarge: options.allowLarge === true,
        reason: options.reason ?? null,
        yes: options.yes === true,
      }),
  })
    .option("--subject <path>", "all about this, and what stands below it")
    .option("--word <word...>", "what else it is called: erased wherever it is recorded")
    .option("--allow-large", "though these words stand in more than a quarter of what is recorded")
    .option("--reason <text>", "why, for the record; nothing of what was said")
    .option("--yes", "do it; without, only say what would go");
}

interface PurgeOptions {
  readonly yes?: boolean;
  readonly check?: boolean;
  readonly reason?: string;
}

function addPurge(verb: AddVerb): void {
  verb({
    usage: "purge",
    summary: "take what was forgotten from the history of main, too; --yes does it",
    examples: [
      ["fettle memory purge", "what the history still holds, and what would be done"],
      ['fettle memory purge --reason "asked to" --yes', "write main anew, push it by force"],
      ["fettle memory purge --check", "exit 1: this clone still has some of it"],
    ],
    act: async (context, { yes, check, reason }: PurgeOptions) =>
      (await import("#runner/verbs/memory-purge.ts")).memoryPurgeVerb(context, {
        yes: yes === true,
        check: check === true,
        reason: reason ?? null,
      }),
  })
    .option("--yes", "do it; without, only say what would be done")
    .option("--check", "look whether any of it is in this clone")
    .option("--reason <text>", "why, for the record");
}

function addReview(verb: AddVerb): void {
  verb({
    usage: "review",
    summary: "say what waits for you, what contradicts, and what may not hold any more",
    examples: [["fettle memory review", "a few minutes a month"]],
    act: async (context) =>
      (await import("#runner/verbs/memory-review.ts")).memoryReviewVerb(context),
  });
}

function addPrune(verb: AddVerb): void {
  verb({
    usage: "prune",
    summary: "say which records are old enough to go; --yes removes them",
    examples: [
      ["fettle memory prune", "what would go, by retention in fettle.yaml"],
      ["fettle memory prune --yes", "do it, in one commit on main"],
    ],
    act: async (context, { yes, allowLarge }: PruneOptions) =>
      (await import("#runner/verbs/memory-prune.ts")).memoryPruneVerb(context, {
        yes: yes === true,
        allowLarge: allowLarge === true,
      }),
  })
    .option("--yes", "do it; without, only say what would go")
    .option("--allow-large", "though it is more than a quarter, or a decision");
}

function addConsolidate(verb: AddVerb): void {
  verb({
    usage: "consolidate",
    summary: "propose one record for several that say nearly the same; --yes makes the branch",
    examples: [
      ["fettle memory consolidate", "which records belong together"],
      [
        "fettle memory consolidate --yes",
        "a branch to edit and merge; its sources go with the merge",
      ],
    ],
    act: async (context, { yes }: { readonly yes?: boolean }) =>
      (await import("#runner/verbs/memory-consolidate.ts")).memoryConsolidateVerb(context, {
        yes: yes === true,
      }),
  }).option("--yes", "make the branch; without, only say what belongs together");
}
