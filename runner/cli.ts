#!/usr/bin/env node
/** The command line: parses, calls a verb, prints its answer, exits. */
import { resolve } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { exitCodes } from "./core/exit-code.ts";
import type { Answer, VerbContext } from "./verbs/verb.ts";
import { commandLine, type Session } from "./session.ts";
import { VERSION } from "./version.ts";

const session: Session = commandLine();

const program = new Command("fettle")
  .description("Run a one-person company from a git repository.")
  .version(VERSION, "-V, --version", "print the version")
  .option("-C, --dir <folder>", "work in this folder", ".")
  .option("--json", "print JSON (one event a line for reconcile)", false)
  .option("-v, --verbose", "show ids and digests too", false)
  .option("-q, --quiet", "no progress", false)
  .option("--no-color", "no colours")
  .option("--at <revision>", "read the state as it was at this commit")
  .helpCommand(false)
  .showHelpAfterError("(fettle --help lists the verbs)")
  .showSuggestionAfterError(true)
  .enablePositionalOptions(false)
  .exitOverride();
program.addHelpText("beforeAll", examples());
program.addHelpText(
  "after",
  "\nfettle help --all   every verb        fettle help exit-codes   what the program ends with\n",
);

verb("init <folder>", "make a workspace", async (context, folder: string) => {
  const { initVerb } = await import("./verbs/init.ts");
  return initVerb(context, folder);
});

verb("try", "the example studio in a fresh repository, before your eyes", async (context) => {
  const { tryVerb } = await import("./verbs/try.ts");
  return tryVerb(context);
});

verb(
  "plan",
  "what would be done now, and why; changes nothing",
  async (context, options: Flags) => {
    const { planVerb } = await import("./verbs/read.ts");
    return planVerb(context, { detailedExitcode: options.detailedExitcode === true });
  },
).option(
  "--detailed-exitcode",
  "exit 2 when there is something to do, 3 when only you are waited for",
);

verb("run <pipeline>", "ask for a run", async (context, pipeline: string, options: RunFlags) => {
  const { runVerb } = await import("./verbs/operate.ts");
  return runVerb(context, { pipeline, set: options.set ?? [], reason: options.reason ?? null });
})
  .option("--set <name=value...>", "a parameter")
  .option("--reason <text>", "why, for the record");

verb("status", "where everything stands, what needs you first", async (context) => {
  const { statusVerb } = await import("./verbs/read.ts");
  return statusVerb(context);
});

verb(
  "approve [gate]",
  "approve what waits: merges it in your name",
  async (context, gate: string | undefined, options: ListFlag) => {
    const { approveVerb } = await import("./verbs/operate.ts");
    return approveVerb(context, { gate: gate ?? null, list: options.list === true });
  },
).option("--list", "what waits");

verb("reject <gate>", "reject what waits", async (context, gate: string, options: RejectFlags) => {
  const { rejectVerb } = await import("./verbs/operate.ts");
  return rejectVerb(context, { gate, reason: options.reason });
}).requiredOption("--reason <text>", "why; kept with the decision");

verb(
  "explain <thing>",
  "why something is as it is: run, run/step, gate, pipeline, goal",
  async (context, thing: string) => {
    const { explainVerb } = await import("./verbs/read.ts");
    return explainVerb(context, thing);
  },
);

verb("doctor", "what is in order here, and what to do", async (context) => {
  const { doctorVerb } = await import("./verbs/doctor.ts");
  return doctorVerb(context);
});

hidden(
  "validate [files...]",
  "what is wrong with the files on disk",
  async (context, files: string[], options: FormatFlag) => {
    const { validateVerb } = await import("./verbs/validate.ts");
    return validateVerb(context, { files, format: options.format });
  },
).addOption(
  new Option("--format <format>", "how findings are printed")
    .choices(["text", "json", "github"])
    .default("text"),
);

hidden(
  "reconcile",
  "do what is due, until nothing is",
  async (context, options: ReconcileFlags) => {
    const { reconcileVerb } = await import("./verbs/reconcile.ts");
    return reconcileVerb(context, {
      watch: options.watch === true,
      detailedExitcode: options.detailedExitcode === true,
    });
  },
)
  .option("--watch", "keep going: on every change and at every due time")
  .option("--detailed-exitcode", "exit 2 when something was done, 3 when you are waited for");

hidden("runs", "runs, newest first", async (context, options: RunsFlags) => {
  const { runsVerb } = await import("./verbs/read.ts");
  return runsVerb(context, { project: options.project ?? null, limit: Number(options.limit) });
})
  .option("--project <name>", "only of this project")
  .option("--limit <number>", "at most so many", "20");

hidden("timeline <run>", "the steps of a run over time", async (context, id: string) => {
  const { timelineVerb } = await import("./verbs/read.ts");
  return timelineVerb(context, id);
});

hidden(
  "attest <run>",
  "in-toto statements of a run, or of <run>/<step>",
  async (context, id: string) => {
    const { attestVerb } = await import("./verbs/read.ts");
    return attestVerb(context, id);
  },
);

hidden("verify", "does the recorded history hold together", async (context) => {
  const { verifyVerb } = await import("./verbs/verify.ts");
  return verifyVerb(context);
});

program
  .command("help [topic]", { hidden: true })
  .option("--all", "every verb")
  .action((topic: string | undefined, options: { all?: boolean }) => {
    if (topic === "exit-codes") return session.print(exitCodeText());
    const found = program.commands.find((command) => command.name() === topic);
    if (found !== undefined) return found.outputHelp();
    if (options.all === true)
      for (const command of program.commands) Reflect.set(command, "_hidden", false);
    program.outputHelp();
  });

interface Flags {
  readonly detailedExitcode?: boolean;
}
interface RunFlags {
  readonly set?: string[];
  readonly reason?: string;
}
interface ListFlag {
  readonly list?: boolean;
}
interface RejectFlags {
  readonly reason: string;
}
interface FormatFlag {
  readonly format: "text" | "json" | "github";
}
interface ReconcileFlags extends Flags {
  readonly watch?: boolean;
}
interface RunsFlags {
  readonly project?: string;
  readonly limit: string;
}

function verb<Arguments extends unknown[]>(
  usage: string,
  summary: string,
  act: (context: VerbContext, ...given: Arguments) => Promise<Answer>,
): Command {
  return define({ usage, summary, hidden: false }, act);
}

/** A verb that stands on `help --all` only. */
function hidden<Arguments extends unknown[]>(
  usage: string,
  summary: string,
  act: (context: VerbContext, ...given: Arguments) => Promise<Answer>,
): Command {
  return define({ usage, summary, hidden: true }, act);
}

function define<Arguments extends unknown[]>(
  verb: { readonly usage: string; readonly summary: string; readonly hidden: boolean },
  act: (context: VerbContext, ...given: Arguments) => Promise<Answer>,
): Command {
  return program
    .command(verb.usage, { hidden: verb.hidden })
    .description(verb.summary)
    .action(async (...given: unknown[]) => {
      const globals = program.opts<{
        dir: string;
        json: boolean;
        verbose: boolean;
        quiet: boolean;
        color: boolean;
        at?: string;
      }>();
      const context = session.context({
        ...globals,
        start: resolve(globals.dir),
        at: globals.at ?? null,
      });
      session.answer(await act(context, ...(given as Arguments)), globals.json);
    });
}

function examples(): string {
  return `Examples
  fettle init my-company            make a workspace
  fettle -C my-company plan         see what would be done, and why
  fettle -C my-company reconcile    do it
  fettle -C my-company status       what needs you
  fettle -C my-company approve <gate>

`;
}

function exitCodeText(): string {
  return Object.values(exitCodes)
    .map(({ code, meaning }) => `${String(code).padStart(4)}  ${meaning}\n`)
    .join("");
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    session.exit(error.exitCode === 0 ? "ok" : "usage");
  } else {
    session.bug(error);
  }
}
