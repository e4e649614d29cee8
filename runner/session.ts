/** One call of the program: its streams, its signals, its end. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { exitCodes, type ExitName } from "./core/exit-code.ts";
import type { Progress } from "./loop/engine.ts";
import { emptyView, reduceProgress, type LiveView } from "./report/progress.ts";
import { renderLine, renderLive } from "./report/progress-text.ts";
import { runLive } from "./report/live-terminal.ts";
import { paint } from "./report/look.ts";
import type { Look } from "./report/look.ts";
import { notOpened } from "./verbs/opened.ts";
import type { Answer, Opening, VerbContext } from "./verbs/verb.ts";
import { clockOf, lookOf, openEngine, surroundings } from "./wire.ts";

interface Globals {
  readonly start: string;
  readonly dir: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly at: string | null;
}

export interface Session {
  readonly context: (globals: Globals) => VerbContext;
  readonly answer: (answer: Answer, json: boolean) => void;
  readonly print: (text: string) => void;
  readonly exit: (name: ExitName) => void;
  readonly bug: (error: unknown) => void;
}

/** The session of this process. The first Ctrl-C stops after what runs, the second at once. */
export function commandLine(): Session {
  const around = surroundings();
  const clock = clockOf(around);
  const stop = new AbortController();
  for (const [signal, name] of [
    ["SIGINT", "interrupted"],
    ["SIGTERM", "terminated"],
  ] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(exitCodes[name].code);
      stop.abort(name);
      process.stderr.write("\nstopping after what runs; once more stops at once\n");
    });
  }
  const exit = (name: ExitName): void => {
    process.exitCode = exitCodes[name].code;
  };
  return {
    context: (globals) => {
      const { isTerminal } = around;
      const seen = lookOf(around, { verbose: globals.verbose, now: clock(), isTerminal });
      const look = globals.color ? seen : { ...seen, color: false };
      const program = globals.dir === "." ? "fettle" : `fettle -C ${globals.dir}`;
      const show = globals.json
        ? jsonLines
        : around.isTerminal
          ? live(look, clock)
          : plainLines(look);
      return {
        start: globals.start,
        programFolder: dirname(dirname(fileURLToPath(import.meta.url))),
        look,
        program,
        clock,
        signal: stop.signal,
        at: globals.at,
        environment: around.environment,
        open: async (start, onProgress): Promise<Opening> => {
          const opened = await openEngine(around, { start, clock, onProgress });
          return opened.kind === "opened"
            ? { ok: true, engine: opened.engine }
            : { ok: false, refusal: notOpened(opened, program) };
        },
        showing: globals.quiet ? (work) => work(() => undefined) : show,
      };
    },
    answer: (answer, json) => {
      if (json) process.stdout.write(`${JSON.stringify(answer.json ?? {})}\n`);
      else {
        if (answer.problem !== undefined)
          process.stderr.write(
            `${paint("error", "bad", { color: process.stderr.isTTY === true })}: ${answer.problem}\n`,
          );
        if (answer.text !== undefined) process.stdout.write(answer.text);
      }
      exit(answer.exit);
    },
    print: (text) => void process.stdout.write(text),
    exit,
    bug: (error) => {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`fettle: this is a bug in fettle, please report it\n${detail}\n`);
      process.exit(exitCodes.bug.code);
    },
  };
}

type Showing = VerbContext["showing"];

const jsonLines: Showing = (work) =>
  work((event) => void process.stdout.write(`${JSON.stringify(event)}\n`));

function plainLines(look: Look): Showing {
  return (work) =>
    work((event) => void process.stderr.write(`${renderLine(event, look).trimEnd()}\n`));
}

function live(look: Look, clock: () => string): Showing {
  return async (work) => {
    let view: LiveView = emptyView;
    const done = new AbortController();
    const drawn = runLive(
      process.stderr,
      ({ frame, columns, rows }) =>
        renderLive(view, { ...look, now: clock(), width: columns }, { frame, rows }),
      done.signal,
    );
    try {
      return await work((event: Progress) => {
        view = reduceProgress(view, event);
      });
    } finally {
      done.abort();
      await drawn;
    }
  };
}
