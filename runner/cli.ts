#!/usr/bin/env node
/** The command line: a table of verbs. */
import { CommanderError, Option, type Command } from "commander";
import {
  addGroup,
  addVerb,
  helpPage,
  misused,
  newProgram,
  type Verb,
  wholeNumber,
} from "./command-line/command-line.ts";
import { addCostVerbs } from "./command-line/cost-verbs.ts";
import { addAnswer } from "./command-line/answer-verb.ts";
import { addGateVerbs } from "./command-line/gate-verbs.ts";
import { addActionsVerbs, addLaneVerbs, addPlan } from "./command-line/lane-verbs.ts";
import { addMemoryVerbs } from "./command-line/memory-verbs.ts";
import { addRunVerbs } from "./command-line/run-verbs.ts";
import { addStopVerbs } from "./command-line/stop-verbs.ts";
import { openSession } from "./session.ts";

const session = openSession(async () => (await import("./sitting.ts")).sitDown);
const program = newProgram([
  ["fettle try", "a small company at work, in a new folder"],
  ["fettle init my-company", "make your own"],
  ["fettle -C my-company plan", "see what would be done, and why"],
  ["fettle -C my-company reconcile", "do it"],
  ["fettle -C my-company approve", "see what waits for you"],
]);

verb({
  usage: "init <folder>",
  summary: "make a workspace; nothing that exists is changed",
  first: true,
  examples: [
    ["fettle init my-company", "in a new folder"],
    ["fettle init .", "in the repository you are in"],
    ["fettle init . --github", "with what it needs to run in GitHub Actions"],
  ],
  act: async (context, folder: string, { github }: { github?: boolean }) =>
    (await import("./verbs/init.ts")).initVerb(context, folder, { github: github === true }),
}).option("--github", "write workflows, an action and the program to .github");

verb({
  usage: "try [folder]",
  summary: "watch an example studio work, in a new folder",
  first: true,
  examples: [
    ["fettle try", "in a temporary folder; nothing is sent"],
    ["fettle try ../studio", "in a folder that you name"],
  ],
  act: async (context, folder: string | undefined) =>
    (await import("./verbs/try.ts")).tryVerb(context, folder ?? null),
});

addPlan(verb);

verb({
  usage: "run <pipeline>",
  summary: "ask for a run; reconcile carries it out",
  first: true,
  examples: [
    ["fettle run brief", "by its name"],
    ["fettle run collections/chase-invoices --set minDays=30", "of one project, with a parameter"],
  ],
  act: async (context, pipeline: string, { set, reason }: { set?: string[]; reason?: string }) =>
    (await import("./verbs/run.ts")).runVerb(context, {
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
    (await import("./verbs/reconcile.ts")).reconcileVerb(context, {
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
  act: async (context) => (await import("./verbs/status.ts")).statusVerb(context),
});

addGateVerbs(verb);
addRunVerbs(verb);
addStopVerbs(verb);
addCostVerbs(verb);
addLaneVerbs(verb);

const actions = addGroup(program, {
  usage: "actions",
  summary: "what the workflows of GitHub Actions call",
  examples: [["fettle actions plan --out fettle-plan", "the first job of fettle-reconcile"]],
});
addActionsVerbs((line) => addVerb({ program, session, under: actions }, line));

const memory = addGroup(program, {
  usage: "memory",
  summary: "see, find and mend what the company remembers",
  examples: [["fettle memory list --subject client/acme", "what is known about a client"]],
});
addMemoryVerbs((line) => addVerb({ program, session, under: memory }, line));

addAnswer(verb);

verb({
  usage: "accept-rewrite",
  summary: "take a main that was amended or force-pushed as it is",
  examples: [
    ["fettle accept-rewrite", "says which commit it replaces and which files differ"],
    ['fettle accept-rewrite --reason "squashed the drafts"', "the reason is kept"],
  ],
  act: async (context, { reason }: { reason?: string }) =>
    (await import("./verbs/accept-rewrite.ts")).acceptRewriteVerb(context, {
      reason: reason ?? null,
    }),
}).option("--reason <text>", "why, for the record");

verb({
  usage: "explain <thing>",
  summary: "tell why anything that has a name is as it is",
  first: true,
  past: true,
  examples: [
    ["fettle explain chase-invoices", "a pipeline, project, goal or agent"],
    ["fettle explain chase-invoices.8dtw", "a run; the start of the name is enough"],
    ["fettle explain chase-invoices/draft", "a step of the latest run"],
    ["fettle explain 'chase-invoices/draft[INV-7]'", "one item of it"],
    ["fettle explain fettle/gate/chase-invoices-mgrb10cf", "a gate"],
    ["fettle explain policy --auto-below 30", "the gates of late, and what would have been asked"],
  ],
  act: async (context, thing: string, options: ExplainOptions) =>
    thing === "policy" || options.autoBelow !== undefined || options.gateFrom !== undefined
      ? (await import("./verbs/explain-policy.ts")).explainPolicyVerb(context, {
          thing,
          ...options,
        })
      : (await import("./verbs/explain.ts")).explainVerb(context, thing),
})
  .option("--auto-below <risk>", "with policy: as though autoBelow were this", wholeNumber)
  .option("--gate-from <risk>", "with policy: as though gateFrom were this", wholeNumber)
  .option("--last <number>", "with policy: how many gates are shown", wholeNumber, 20);

interface ExplainOptions {
  readonly autoBelow?: number;
  readonly gateFrom?: number;
  readonly last: number;
}

verb({
  usage: "doctor",
  summary: "check that everything is in order; say what to do",
  first: true,
  examples: [
    ["fettle doctor", "git, node, the files, who you are, what agents may do; changes nothing"],
    ["fettle doctor --repair", "and put right what can be put right without losing anything"],
    [
      'fettle doctor --repair --now "2026-11-26 09:15"',
      "also take back what was recorded in the future; your watch says that this clock is right",
    ],
  ],
  act: async (context, { repair, fix, now }: DoctorOptions) =>
    (await import("./verbs/doctor.ts")).doctorVerb(context, {
      repair: repair === true || fix === true,
      now: now ?? null,
    }),
})
  .option("--repair", "put right what can be put right without losing anything")
  .addOption(new Option("--fix", "the same").hideHelp())
  .option(
    "--now <time>",
    "what time it is by your watch, so that a wrong clock takes nothing back",
  );

interface DoctorOptions {
  readonly repair?: boolean;
  readonly fix?: boolean;
  readonly now?: string;
}

verb({
  usage: "validate [files...]",
  summary: "show what is wrong with the files on disk",
  examples: [
    ["fettle validate", "every file"],
    ["fettle validate projects/letters/project.yaml", "one file"],
    ["fettle validate --format github", "as annotations in GitHub Actions"],
  ],
  act: async (context, files: string[], { format }: { format: "text" | "json" | "github" }) =>
    (await import("./verbs/validate.ts")).validateVerb(context, { files, format }),
}).addOption(
  new Option("--format <format>", "how findings are printed")
    .choices(["text", "json", "github"])
    .default("text"),
);

verb({
  usage: "runs",
  summary: "list the runs, newest first",
  past: true,
  examples: [["fettle runs --project collections --limit 5", "the last five of one project"]],
  act: async (context, { project, limit }: { project?: string; limit: number }) =>
    (await import("./verbs/runs.ts")).runsVerb(context, { project: project ?? null, limit }),
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
    (await import("./verbs/timeline.ts")).timelineVerb(context, id),
});

verb({
  usage: "attest <run>",
  summary: "print in-toto statements of a run or <run>/<step>",
  past: true,
  examples: [["fettle attest chase-invoices.8dtw4xsztqfr/send", "one statement a line"]],
  act: async (context, id: string) => (await import("./verbs/attest.ts")).attestVerb(context, id),
});

verb({
  usage: "verify",
  summary: "check that the recorded history holds together",
  examples: [["fettle verify", "exit 0: verified; 1: broken or incomplete"]],
  act: async (context) => (await import("./verbs/verify.ts")).verifyVerb(context),
});

verb({
  usage: "compact",
  summary: "fold old records; ticks do so by themselves",
  examples: [
    ["fettle compact", "all that is old enough, and the packs of this clone"],
    ["fettle compact --dry-run", "what it would fold, and drop by retention"],
  ],
  act: async (context, options: { dryRun?: boolean; allowLarge?: boolean }) =>
    (await import("./verbs/compact.ts")).compactVerb(context, {
      dryRun: options.dryRun === true,
      allowLarge: options.allowLarge === true,
    }),
})
  .option("--dry-run", "only tell what would be folded and dropped")
  .option("--allow-large", "though retention drops more than three months at once");

program
  .command("help [topic]", { hidden: true })
  .summary("explain a verb, or exit-codes")
  .description("Help on a verb, or on exit-codes.")
  .option("--all", "every verb")
  .action((topic: string | undefined, { all }: { all?: boolean }) =>
    session.answer(helpPage(program, { topic, all: all === true }), false),
  );

interface Detailed {
  readonly detailedExitcode?: boolean;
}

function verb(line: Verb): Command {
  return addVerb({ program, session }, line);
}

const words = process.argv.slice(2);
const json = words.includes("--json");
try {
  if (words.length === 0)
    await session.answer(helpPage(program, { topic: undefined, all: false }), false);
  else await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) await session.bug(error, json);
  else if (error.exitCode !== 0) await session.answer(misused(error, { program, words }), json);
}
