/** Turns the table of verbs into a command line: help that leads with examples, errors of one shape. */
import { Command, type CommanderError, InvalidArgumentError } from "commander";
import { exitCodes } from "#runner/core/exit-code.ts";
import { closest } from "#runner/core/suggest.ts";
import { Output } from "#runner/output.ts";
import type { Globals, Session } from "#runner/session.ts";
import { refused, type Answer, type VerbContext } from "#runner/verbs/verb.ts";
import { VERSION } from "#runner/version.ts";

export interface Verb {
  /** Name and arguments: `run <pipeline>`. */
  readonly usage: string;
  readonly summary: string;
  /** Whole command lines and what they do. */
  readonly examples: readonly Example[];
  /** Stands on the first page of help; the others on `help --all`. */
  readonly first?: boolean;
  /** Can read a past state with --at. */
  readonly past?: boolean;
  /** Is given what `usage` declares, then the options. A method, so that each verb can say what that is. */
  act(context: VerbContext, ...given: unknown[]): Promise<Answer>;
}

/** Adds a verb to the program, or to a group of it. */
export type AddVerb = (line: Verb) => Command;

export type Example = readonly [command: string, what: string];

/** The program without verbs; errors are thrown, not printed. */
export function newProgram(examples: readonly Example[]): Command {
  return new Command("fettle")
    .description("Run a one-person company from a git repository.")
    .usage("[options] <verb>")
    .version(VERSION, "-V, --version", "print the version")
    .option("-C, --dir <folder>", "work in this folder", ".")
    .option("--json", "print JSON; where work is done, an event a line")
    .option("-v, --verbose", "show ids and digests too")
    .option("-q, --quiet", "show no progress")
    .option("--no-color", "no colours")
    .option("--at <commit>", "read the past: a commit of fettle/state")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .commandsGroup("Verbs:")
    .configureHelp({ subcommandTerm: withoutOptions })
    .configureOutput({ writeErr: () => undefined, writeOut: sayHelp })
    .exitOverride()
    .addHelpText("before", exampleText(examples))
    .addHelpText(
      "after",
      `
fettle <verb> --help      a verb, with examples
fettle help --all         every verb: validate, runs, timeline, verify and more
fettle help exit-codes    what the program ends with`,
    );
}

function withoutOptions(command: Command): string {
  return [command.name(), command.usage().replace(/\[options\] ?/u, "")].join(" ").trim();
}

interface Place {
  readonly program: Command;
  readonly session: Session;
  /** Verb that it stands under; the program itself when absent. */
  readonly under?: Command;
}

/** A verb that only holds others: `fettle memory …`. */
export function addGroup(
  program: Command,
  { usage, summary, examples }: Pick<Verb, "usage" | "summary" | "examples">,
): Command {
  return program
    .command(usage, { hidden: true })
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .helpCommand(false)
    .commandsGroup("Verbs:")
    .addHelpText("before", exampleText(examples))
    .addHelpText("after", `\nfettle ${usage} <verb> --help      a verb, with examples`);
}

export function addVerb({ program, session, under = program }: Place, line: Verb): Command {
  return under
    .command(line.usage, { hidden: under === program && line.first !== true })
    .summary(line.summary)
    .description(`${line.summary.charAt(0).toUpperCase()}${line.summary.slice(1)}.`)
    .addHelpText("before", exampleText(line.examples))
    .addHelpText("after", "\n-C, --json, --verbose, --quiet, --no-color, --at: fettle --help")
    .action(async (...given: unknown[]) => {
      const globals = globalsOf(program);
      if (globals.at !== null && line.past !== true) {
        const [own = ""] = line.usage.split(" ");
        const name = under === program ? own : `${under.name()} ${own}`;
        const hint = `fettle ${name}   without --at`;
        return session.answer(refused("usage", `${name} works on the present`, hint), globals.json);
      }
      const { context, answer } = await session.sit(globals);
      await answer(await line.act(context, ...given));
    });
}

interface GivenOptions {
  readonly dir: string;
  readonly color: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly at?: string;
}

function globalsOf(program: Command): Globals {
  const { json, verbose, quiet, at, ...rest } = program.opts<GivenOptions>();
  return {
    ...rest,
    json: json === true,
    verbose: verbose === true,
    quiet: quiet === true,
    at: at ?? null,
  };
}

function exampleText(examples: readonly Example[]): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  const lines = examples.map(([command, what]) => `  ${command.padEnd(width)}   ${what}\n`);
  return `Examples:\n${lines.join("")}`;
}

/** What was wrong with the command line, and which words were perhaps meant. */
export function misused(
  error: CommanderError,
  { program, words }: { readonly program: Command; readonly words: readonly string[] },
): Answer {
  const meant = verbsIn(program, words);
  const verb = meant.at(-1);
  const help = ["fettle", ...meant.map((command) => command.name()), "--help"].join(" ");
  const among = namesOf(verb === undefined || verb.commands.length === 0 ? program : verb);
  const verbs = `there are ${among.join(", ")}`;
  // Where one word is meant, the parser calls it a command-argument.
  const message = error.message.replace(/^error: (?:command-argument value )?/u, "");
  const [first = ""] = message.split("\n");
  const word = /'(.*)'/u.exec(first)?.[1] ?? "";
  switch (error.code) {
    case "commander.help":
      return refused("usage", "a verb is missing", help);
    case "commander.unknownCommand":
      return refused("usage", `there is no verb ${word}`, nearest(word, among, verbs));
    case "commander.unknownOption": {
      const options = [...(verb?.options ?? []), ...program.options].map(({ long }) => long ?? "");
      return refused("usage", `there is no option ${word}`, optionMeant(word, options, help));
    }
    default:
      return refused("usage", first, help);
  }
}

function optionMeant(word: string, options: readonly string[], otherwise: string): string {
  return word === "--dry-run" && options.includes("--yes")
    ? "without --yes nothing is changed: it says what would be"
    : nearest(word, options, otherwise);
}

/** The verb that the words name, and what stands under it: `memory`, `list`. */
function verbsIn(program: Command, words: readonly string[]): readonly Command[] {
  const found = program.commands.find((command) => words.includes(command.name()));
  return found === undefined ? [] : [found, ...verbsIn(found, words)];
}

function namesOf(program: Command): readonly string[] {
  return program.commands.map((command) => command.name());
}

/** A word that was cut off counts as near too. */
function nearest(word: string, names: readonly string[], otherwise: string): string {
  const begun = names.find((name) => word.length > 4 && name.startsWith(word.slice(0, -1)));
  const near = begun ?? closest(word, names);
  return near === undefined ? otherwise : `did you mean ${near}?`;
}

/** The page that `fettle help [topic]` prints. */
export function helpPage(
  program: Command,
  { topic, all }: { readonly topic: string | undefined; readonly all: boolean },
): Answer {
  if (topic === "exit-codes") return { exit: "ok", text: exitCodeText() };
  const found = program.commands.find((command) => command.name() === topic);
  if (found !== undefined) return { exit: "ok", text: pageOf(found) };
  if (topic !== undefined) {
    const names = [...namesOf(program), "exit-codes"];
    const hint = nearest(topic, names, "fettle help --all");
    return refused("usage", `there is no help on ${topic}`, hint);
  }
  if (all) for (const command of program.commands) Reflect.set(command, "_hidden", false);
  return { exit: "ok", text: pageOf(program) };
}

/** Help with what stands before and after it. */
function pageOf(command: Command): string {
  let page = "";
  const keep = command.configureOutput();
  command.configureOutput({ ...keep, writeOut: (text) => (page += text) });
  command.outputHelp();
  command.configureOutput(keep);
  return page;
}

function exitCodeText(): string {
  return Object.values(exitCodes)
    .map(({ code, meaning }) => `${String(code).padStart(4)}  ${meaning}\n`)
    .join("");
}

/** A reader that has gone away (`fettle run --help | head`) is no error. */
function sayHelp(text: string): void {
  void new Output(() => undefined).say(1, text);
}

/** Of an option. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/u.test(text))
    throw new InvalidArgumentError("It must be a whole number above 0.");
  return Number(text);
}
