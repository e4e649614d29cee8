/** Sets a verb to work: its look, its engine, its progress. */
import { resolve } from "node:path";
import type { ProgressEvent } from "./core/progress-event.ts";
import { runLive, SHOW_CURSOR, type Terminal } from "./report/live-terminal.ts";
import { paint, type Look } from "./report/look.ts";
import { emptyView, reduceProgress, type LiveView } from "./report/progress.ts";
import { logWriter, renderLive } from "./report/progress-text.ts";
import type { Desk, Globals, Sitting } from "./session.ts";
import { notOpened } from "./verbs/opened.ts";
import { inWordsOf, programWords, type ProgramWords } from "./verbs/program-words.ts";
import type { Opening, VerbContext } from "./verbs/verb.ts";
import {
  clockOf,
  isTerminal,
  lookOf,
  openEngine,
  openForge,
  openLane,
  surroundings,
  type Surroundings,
} from "./wire.ts";

export function sitDown(
  globals: Globals,
  desk: Desk,
  around: Surroundings = surroundings(),
): Sitting {
  const clock = clockOf(around);
  const lookOn = (isOnTerminal: boolean): Look => {
    const look = lookOf(around, {
      verbose: globals.verbose,
      now: clock(),
      isTerminal: isOnTerminal,
    });
    return globals.color ? look : { ...look, color: false };
  };
  const onErrors = lookOn(around.isTerminal);
  const spoken = programWords({
    dir: globals.dir,
    programFolder: desk.programFolder,
    environment: around.environment,
  });
  const words: Words = (text, program = spoken) => {
    const said = inWordsOf(program, text);
    return onErrors.ascii ? said.replaceAll("…", "...") : said;
  };
  const context: VerbContext = {
    start: resolve(around.folder, globals.dir),
    programFolder: desk.programFolder,
    look: lookOn(isTerminal(1)),
    program: spoken,
    clock,
    signal: desk.stop,
    unheard: desk.unheard,
    at: globals.at,
    environment: around.environment,
    open: async (start, options): Promise<Opening> => {
      const opened = await openEngine(around, { start, clock, ...options });
      return opened.kind === "opened"
        ? { ok: true, engine: opened.engine }
        : { ok: false, refusal: notOpened(opened) };
    },
    openLane: (prices) => openLane(around, { clock, prices }),
    openForge: (place) => openForge(around, { clock, place }),
    notice: (text) => {
      if (!globals.quiet && !globals.json) desk.notices.say(text);
    },
    showing: showingFor(globals, { around, look: onErrors, clock, words, desk }),
  };
  const voice = { json: globals.json, words, errorWord: paint("error", "bad", onErrors) };
  return { context, answer: (answer) => desk.give(answer, voice) };
}

type Showing = VerbContext["showing"];
type Words = (text: string, program?: ProgramWords) => string;

interface Stage {
  readonly around: { readonly isTerminal: boolean };
  readonly look: Look;
  readonly clock: () => string;
  readonly words: Words;
  readonly desk: Pick<Desk, "notices" | "output">;
}

function showingFor(globals: Globals, stage: Stage): Showing {
  if (globals.json) return jsonLines(stage);
  if (globals.quiet) return (work) => work(() => undefined);
  return stage.around.isTerminal ? live(stage) : plainLines(stage);
}

function jsonLines({ desk }: Stage): Showing {
  return (work) => work((event) => void desk.output.say(1, `${JSON.stringify(event)}\n`));
}

function plainLines({ look, words, desk }: Stage): Showing {
  return (work, program) => {
    const linesOf = logWriter(look);
    return work((event) => {
      for (const line of linesOf(event))
        void desk.output.say(2, `${words(line, program).trimEnd()}\n`);
    });
  };
}

/** Standard error; a terminal that does not know its size says 0. */
function sizedTerminal(output: Desk["output"], wasLeft: () => boolean): Terminal {
  return {
    write: (text) => void output.say(2, text),
    wasLeft,
    get columns() {
      return process.stderr.columns || 80;
    },
    get rows() {
      return process.stderr.rows || 24;
    },
  };
}

interface Pausing {
  readonly wasPaused: () => boolean;
  readonly end: () => void;
}

/** Ctrl-Z hands the terminal back as it was found. */
function givingCursorBackWhenPaused(): Pausing {
  let wasPaused = false;
  const pause = (): void => {
    giveCursorBack();
    process.off("SIGTSTP", pause);
    // Nobody listens any more: it stops here, and goes on from here.
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", pause);
    wasPaused = true;
  };
  process.on("SIGTSTP", pause);
  return {
    wasPaused: () => {
      const answer = wasPaused;
      wasPaused = false;
      return answer;
    },
    end: () => process.off("SIGTSTP", pause),
  };
}

/** For an end in the middle of a frame. */
function giveCursorBack(): void {
  process.stderr.write(SHOW_CURSOR);
}

function live({ look, clock, desk: { notices, output } }: Stage): Showing {
  return async (work) => {
    let view: LiveView = emptyView;
    let notice: readonly string[] = [];
    const done = new AbortController();
    process.once("exit", giveCursorBack);
    const pausing = givingCursorBackWhenPaused();
    const undivert = notices.divert((text) => (notice = [text]));
    const drawn = runLive(
      sizedTerminal(output, pausing.wasPaused),
      ({ frame, columns, rows }) => [
        ...renderLive(view, { ...look, now: clock(), width: columns }, { frame, rows: rows - 1 }),
        ...notice.map((text) => text.slice(0, columns - 1)),
      ],
      done.signal,
    );
    try {
      return await work((event: ProgressEvent) => {
        view = reduceProgress(view, event);
      });
    } finally {
      done.abort();
      await drawn;
      undivert();
      pausing.end();
      process.off("exit", giveCursorBack);
    }
  };
}
