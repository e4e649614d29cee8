/** One call of the program: its streams, its signals, its end. Loads nothing heavy: `--help` passes through here. */
import { dirname } from "node:path";
import { exitCodes, type ExitName } from "./core/exit-code.ts";
import { hasTerminal } from "./hang-up.ts";
import { Output, type Saying } from "./output.ts";
import type { Answer, VerbContext } from "./verbs/verb.ts";

/** The options that every verb takes. */
export interface Globals {
  readonly dir: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly at: string | null;
}

/** A verb at work: with what it acts, and how its answer is given. */
export interface Sitting {
  readonly context: VerbContext;
  readonly answer: (answer: Answer) => Promise<void>;
}

export interface Session {
  readonly sit: (globals: Globals) => Promise<Sitting>;
  /** Gives an answer outside of any workspace. */
  readonly answer: (answer: Answer, json: boolean) => Promise<void>;
  readonly bug: (error: unknown, json: boolean) => Promise<void>;
}

/** Ctrl-C reaches a program twice when npm passes it on; a person is slower than this. */
const SAME_KEY_MS = 200;

/** How a verb is set to work; it loads more than `--help` needs. */
export type SitDown = (globals: Globals, desk: Desk) => Sitting;

/** What a sitting is given. */
export interface Desk {
  readonly programFolder: string;
  readonly stop: AbortSignal;
  readonly unheard: AbortSignal;
  readonly notices: Notices;
  readonly output: Saying;
  readonly give: (answer: Answer, voice: Voice) => Promise<void>;
}

/** The session of this process. The first Ctrl-C keeps what is done and stops, the second stops at once. */
export function openSession(loadSitDown: () => Promise<SitDown>): Session {
  const stop = new AbortController();
  const unheard = new AbortController();
  const output = new Output(() => unheard.abort());
  const notices = new Notices(output);
  const voiced = { output, stop: stop.signal };
  listenForSignals(stop, notices);
  return {
    sit: async (globals) => {
      const sitDown = await loadSitDown();
      const programFolder = dirname(import.meta.dirname);
      return sitDown(globals, {
        programFolder,
        stop: stop.signal,
        unheard: unheard.signal,
        notices,
        output,
        give: (answer, voice) => give(answer, voice, voiced),
      });
    },
    answer: (answer, json) => give(answer, { ...PLAIN, json }, voiced),
    bug: async (error, json) => give(await broken(error, stop.signal), { ...PLAIN, json }, voiced),
  };
}

/** How an answer is put into words. */
export interface Voice {
  readonly json: boolean;
  readonly words: (text: string) => string;
  readonly errorWord: string;
}

export const PLAIN: Voice = { json: false, words: (text) => text, errorWord: "error" };

function give(
  answer: Answer,
  voice: Voice,
  { output, stop }: { readonly output: Saying; readonly stop: AbortSignal },
): Promise<void> {
  process.exitCode = exitCodes[exitOf(answer, stop)].code;
  return sayAnswer(answer, voice, output);
}

export async function sayAnswer(
  answer: Answer,
  { json, words, errorWord }: Voice,
  output: Saying,
): Promise<void> {
  if (json) return output.say(1, `${JSON.stringify(answer.json ?? {})}\n`);
  if (answer.problem !== undefined) await output.say(2, `${errorWord}: ${words(answer.problem)}\n`);
  if (answer.text !== undefined) await output.say(1, words(answer.text));
}

/** What Ctrl-C ended is interrupted, what `kill` ended is terminated. */
function exitOf({ exit }: Answer, stop: AbortSignal): ExitName {
  return exit === "interrupted" && stop.reason === "terminated" ? "terminated" : exit;
}

async function broken(error: unknown, stop: AbortSignal): Promise<Answer> {
  const { failureOf } = await import("./verbs/failure.ts");
  return failureOf(error, stop);
}

/** Words from the program itself; they go to standard error, or to who shows progress there. */
export class Notices {
  readonly #toStderr: (text: string) => void;
  #show: (text: string) => void;

  constructor(output: Saying) {
    this.#toStderr = (text) => void output.say(2, `${text}\n`);
    this.#show = this.#toStderr;
  }

  say(text: string): void {
    this.#show(text);
  }

  /** Before the process ends: nobody shows it any more. */
  last(text: string): void {
    this.#toStderr(text);
  }

  /** From now on `show` gets the notices; gives back what ends that. */
  divert(show: (text: string) => void): () => void {
    this.#show = show;
    return () => {
      this.#show = this.#toStderr;
    };
  }
}

/** As after kill -9, but for a word. */
function stopAtOnce(name: "interrupted" | "terminated", notices: Notices): void {
  notices.last(
    "stopped at once: what was recorded is kept; fettle reconcile goes on, and says which effect at work is in doubt",
  );
  process.exit(exitCodes[name].code);
}

function listenForSignals(stop: AbortController, notices: Notices): void {
  let heardAt: number | null = null;
  const end = (name: "interrupted" | "terminated"): void => {
    notices.say("stopping: what is done is kept; once more stops at once");
    stop.abort(name);
  };
  for (const [signal, name] of [
    ["SIGINT", "interrupted"],
    ["SIGTERM", "terminated"],
  ] as const) {
    process.on(signal, () => {
      const now = performance.now();
      if (heardAt === null) {
        heardAt = now;
        end(name);
      } else if (now - heardAt > SAME_KEY_MS) stopAtOnce(name, notices);
    });
  }
  // Ctrl-\: without this the terminal keeps no cursor, and agents without a namespace go on.
  process.on("SIGQUIT", () => stopAtOnce("terminated", notices));
  const isMeant = hasTerminal();
  process.on("SIGHUP", () => {
    // The shell and the system both tell of a terminal that is gone: nobody asks for anything twice.
    if (isMeant && !stop.signal.aborted) end("terminated");
  });
}
