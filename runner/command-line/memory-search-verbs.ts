/** Verbs that find memory, and measure how well. */
import { Argument, Option } from "commander";
import { type AddVerb, wholeNumber } from "./command-line.ts";
import type { MemoryKindName } from "#runner/verbs/memory-search.ts";
import type { IndexAct } from "#runner/verbs/memory-index.ts";

interface SearchOptions {
  readonly namespace?: string;
  readonly kind?: MemoryKindName;
  readonly subject?: string;
  readonly since?: string;
  readonly until?: string;
  readonly asOf?: string;
  readonly number: number;
  readonly explain?: boolean;
}

const KINDS = ["fact", "decision", "template", "heuristic", "episode"];
const INDEX_ACTS = ["stats", "build", "update", "verify", "clean"];

export function addMemorySearchVerbs(verb: AddVerb): void {
  addSearch(verb);
  addIndex(verb);
  addEval(verb);
}

function addSearch(verb: AddVerb): void {
  verb({
    usage: "search <words>",
    summary: "find what is remembered and in force, best first",
    examples: [
      ['fettle memory search "how does Acme pay"', "by words, in any of their forms"],
      ['fettle memory search "late fee" --kind decision --explain', "and why each was found"],
      ['fettle memory search "tone" --as-of 2026-06-30', "what would have been found then"],
    ],
    act: async (context, words: string, options: SearchOptions) =>
      (await import("#runner/verbs/memory-search.ts")).memorySearchVerb(context, {
        text: words,
        namespace: options.namespace ?? null,
        kind: options.kind ?? null,
        subject: options.subject ?? null,
        since: options.since ?? null,
        until: options.until ?? null,
        asOf: options.asOf ?? null,
        limit: options.number,
        explain: options.explain === true,
      }),
  })
    .option("--namespace <project>", "of this project, or org")
    .addOption(new Option("--kind <kind>", "of this kind").choices(KINDS))
    .option("--subject <path>", "about this, and what stands below it")
    .option("--since <moment>", "recorded on this day or later")
    .option("--until <moment>", "recorded on this day or earlier")
    .option("--as-of <moment>", "what main was then: a day, an instant or a commit")
    .option("-k, --number <number>", "at most so many", wholeNumber, 10)
    .option("--explain", "say what each score is made of");
}

function addIndex(verb: AddVerb): void {
  verb({
    usage: "index",
    summary: "see to the LanceDB index of a large memory; it may be deleted",
    examples: [
      ["fettle memory index", "how much it holds, and whether a search uses it"],
      ["fettle memory index verify", "exit 1: it is not what memory holds"],
      ["fettle memory index clean", "delete it; a search makes it anew"],
    ],
    act: async (context, what: IndexAct | undefined) =>
      (await import("#runner/verbs/memory-index.ts")).memoryIndexVerb(context, what ?? "stats"),
  }).addArgument(new Argument("[what]", "what is done").choices(INDEX_ACTS));
}

interface EvalOptions {
  readonly fixture?: string;
  readonly locomo?: string;
  readonly retriever?: string;
}

function addEval(verb: AddVerb): void {
  verb({
    usage: "eval",
    summary: "measure how well memory is found, beside other retrievers",
    examples: [
      ["fettle memory eval", "on the year of a studio that comes with the program"],
      ["fettle memory eval --locomo locomo10.json", "on a copy of the LoCoMo data"],
      ["fettle memory eval --retriever mine.mjs", "with a retriever of your own as one more row"],
    ],
    act: async (context, { fixture, locomo, retriever }: EvalOptions) =>
      (await import("#runner/verbs/memory-eval.ts")).memoryEvalVerb(context, {
        fixture: fixture ?? null,
        locomo: locomo ?? null,
        retriever: retriever ?? null,
      }),
  })
    .option("--fixture <folder>", "with records.jsonl and questions.jsonl")
    .option("--locomo <file>", "of the LoCoMo data")
    .option("--retriever <module>", "that exports retrieve(records, question, k)");
}
