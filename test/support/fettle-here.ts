/** The program in the process of the test: the same command line, verbs and engine, without the start of a process. */
import { resolve } from "node:path";
import { carryOutWords } from "#runner/command-line/program.ts";
import { exitCodes } from "#runner/core/exit-code.ts";
import type { Saying } from "#runner/output.ts";
import { Notices, PLAIN, sayAnswer, type Desk } from "#runner/session.ts";
import { sitDown } from "#runner/sitting.ts";

export interface Place {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What is a bug in a process is thrown here. */
export async function fettleHere(
  { folder, environment }: Place,
  words: readonly string[],
): Promise<Ended> {
  const said = { 1: "", 2: "" };
  let code: number | null = null;
  const output: Saying = {
    say: async (channel, text) => {
      said[channel] += text;
    },
  };
  const give: Desk["give"] = (answer, voice) => {
    ({ code } = exitCodes[answer.exit]);
    return sayAnswer(answer, voice, output);
  };
  const desk: Desk = {
    programFolder: resolve("."),
    stop: new AbortController().signal,
    unheard: new AbortController().signal,
    notices: new Notices(output),
    output,
    give,
  };
  const around = { environment, folder, isTerminal: false, columns: 80 };
  await carryOutWords(
    {
      sit: async (globals) => sitDown(globals, desk, around),
      answer: (answer, json) => give(answer, { ...PLAIN, json }),
      bug: async (error) => {
        throw error;
      },
    },
    words,
  );
  return { code: code ?? 0, stdout: said[1], stderr: said[2] };
}
