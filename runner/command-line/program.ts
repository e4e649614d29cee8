/** The whole command line, and what becomes of the words that are typed. */
import { CommanderError, type Command } from "commander";
import type { Session } from "#runner/session.ts";
import { addAnswer } from "./answer-verb.ts";
import { addBeginVerbs } from "./begin-verbs.ts";
import { addAgentVerbs, addCheckVerbs } from "./check-verbs.ts";
import { type AddVerb, addGroup, addVerb, helpPage, misused, newProgram } from "./command-line.ts";
import { addCostVerbs } from "./cost-verbs.ts";
import { addExplainVerbs } from "./explain-verbs.ts";
import { addGateVerbs } from "./gate-verbs.ts";
import { addCompact, addHistoryVerbs } from "./history-verbs.ts";
import { addActionsVerbs, addLaneVerbs, addPlan } from "./lane-verbs.ts";
import { addMemoryVerbs } from "./memory-verbs.ts";
import { addRunVerbs } from "./run-verbs.ts";
import { addStopVerbs } from "./stop-verbs.ts";
import { addWorkVerbs } from "./work-verbs.ts";

/** In the order of the help. */
const ADD: readonly ((verb: AddVerb) => void)[] = [
  addBeginVerbs,
  addPlan,
  addWorkVerbs,
  addGateVerbs,
  addRunVerbs,
  addStopVerbs,
  addCostVerbs,
  addLaneVerbs,
];
const ADD_LAST: readonly ((verb: AddVerb) => void)[] = [
  addAnswer,
  addExplainVerbs,
  addCheckVerbs,
  addHistoryVerbs,
  addCompact,
];

/** Answers what was typed; the answer sets how the process ends. */
export async function carryOutWords(session: Session, words: readonly string[]): Promise<void> {
  const program = wholeProgram(session);
  const isJson = words.includes("--json");
  try {
    if (words.length === 0) {
      await session.answer(helpPage(program, { topic: undefined, all: false }), false);
    } else await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) await session.bug(error, isJson);
    else if (error.exitCode !== 0) {
      await session.answer(misused(error, { program, words }), isJson);
    }
  }
}

function wholeProgram(session: Session): Command {
  const program = newProgram([
    ["fettle try", "a small company at work, in a new folder"],
    ["fettle init my-company", "make your own"],
    ["fettle -C my-company plan", "see what would be done, and why"],
    ["fettle -C my-company reconcile", "do it"],
    ["fettle -C my-company approve", "see what waits for you"],
  ]);
  const verb: AddVerb = (line) => addVerb({ program, session }, line);
  for (const add of ADD) add(verb);
  const actions = addGroup(program, {
    usage: "actions",
    summary: "what the workflows of GitHub Actions call",
    examples: [["fettle actions plan --out fettle-plan", "the first job of fettle-reconcile"]],
  });
  addActionsVerbs((line) => addVerb({ program, session, under: actions }, line));
  const agents = addGroup(program, {
    usage: "agents",
    summary: "try agents before they work",
    examples: [["fettle agents test", "all cases of all contracts"]],
  });
  addAgentVerbs((line) => addVerb({ program, session, under: agents }, line));
  const memory = addGroup(program, {
    usage: "memory",
    summary: "see, find and mend what the company remembers",
    examples: [["fettle memory list --subject client/acme", "what is known about a client"]],
  });
  addMemoryVerbs((line) => addVerb({ program, session, under: memory }, line));
  for (const add of ADD_LAST) add(verb);
  addHelp(program, session);
  return program;
}

function addHelp(program: Command, session: Session): void {
  program
    .command("help [topic]", { hidden: true })
    .summary("explain a verb, or exit-codes")
    .description("Help on a verb, or on exit-codes.")
    .option("--all", "every verb")
    .action((topic: string | undefined, { all }: { all?: boolean }) =>
      session.answer(helpPage(program, { topic, all: all === true }), false),
    );
}
