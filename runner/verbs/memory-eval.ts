/** `fettle memory eval`: how well memory is found, measured on questions whose answers are known. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { NOTHING_GRANTED, openEmbedder } from "#runner/loop/open-embedder.ts";
import {
  type Evaluation,
  evaluateMemory,
  fixtureGroup,
  isRetrieve,
  locomoGroups,
  type OwnRetriever,
} from "#runner/loop/eval-memory.ts";
import { renderEvaluation } from "#runner/report/eval-text.ts";
import { looking } from "./looking.ts";
import { type Answer, refused, type VerbContext } from "./verb.ts";

interface Asked {
  /** Folder with records.jsonl and questions.jsonl. */
  readonly fixture: string | null;
  /** File of the LoCoMo data. */
  readonly locomo: string | null;
  /** Module that exports `retrieve`. */
  readonly retriever: string | null;
}

type Groups = Parameters<typeof evaluateMemory>[1]["groups"];

export async function memoryEvalVerb(context: VerbContext, asked: Asked): Promise<Answer> {
  const groups = groupsOf(context, asked);
  if ("exit" in groups) return groups;
  const own = await ownRetriever(context, asked.retriever);
  if (own !== null && "exit" in own) return own;
  return looking(context, async ({ workspace }, engine) => {
    const purse = { grant: NOTHING_GRANTED, signal: context.signal, most: Infinity };
    const opened = await openEmbedder(engine, workspace, purse);
    const evaluation = await evaluateMemory(engine, { groups, own, opened });
    if (opened?.kind === "open") await opened.close();
    const text = renderEvaluation(evaluation, context.look);
    return { ...judged(evaluation), text, json: evaluation };
  });
}

const PERCENT = 100;

/** An embedder that finds less than words alone is no help, however little it costs. */
function judged({ embedder }: Evaluation): Answer {
  if (embedder === null || embedder.kind === "helps") return { exit: "ok" };
  const hint =
    "take memory.embedder out of fettle.yaml, or name another one; memory is found without";
  if (embedder.kind === "failed") {
    return refused("temporary", `the embedder was not measured: ${embedder.why}`, hint);
  }
  const [own, words] = [embedder.with, embedder.without].map((share) =>
    (share * PERCENT).toFixed(1),
  );
  const what = `the embedder of fettle.yaml lowers recall: R@10 is ${own} with it and ${words} without`;
  return refused("refused", what, hint);
}

function groupsOf(context: VerbContext, { fixture, locomo }: Asked): Groups | Answer {
  const near = (path: string): string => resolve(context.start, path);
  if (locomo !== null) {
    const text = textOf(near(locomo));
    return text === null ? absent(locomo) : locomoGroups(text);
  }
  const own = join(context.programFolder, "test", "retrieval", "fixture");
  const folder = fixture === null ? own : near(fixture);
  const [records, questions] = ["records", "questions"].map((name) =>
    textOf(join(folder, `${name}.jsonl`)),
  );
  if (typeof records === "string" && typeof questions === "string") {
    return [fixtureGroup(records, questions)];
  }
  return absent(join(fixture ?? folder, records === null ? "records.jsonl" : "questions.jsonl"));
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function absent(path: string): Answer {
  const hint = "--fixture <folder> with records.jsonl and questions.jsonl, or --locomo <file>";
  return refused("usage", `there is no ${path}`, hint);
}

async function ownRetriever(
  { start }: VerbContext,
  path: string | null,
): Promise<OwnRetriever | Answer | null> {
  if (path === null) return null;
  const file = resolve(start, path);
  if (!existsSync(file)) {
    return refused("usage", `there is no ${path}`, "a module that exports retrieve");
  }
  const module: Readonly<Record<string, unknown>> = await import(file);
  const { retrieve } = module;
  if (isRetrieve(retrieve)) return { name: basename(path), retrieve };
  const hint = "export function retrieve(records, question, k) { return [ids, best first]; }";
  return refused("usage", `${path} exports no function retrieve`, hint);
}
