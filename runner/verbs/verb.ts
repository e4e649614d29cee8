/** What every verb is given, and what it gives back. */
import type { ExitName } from "#runner/core/exit-code.ts";
import type { ProgressEvent } from "#runner/core/progress-event.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { LaneTools } from "#runner/loop/execute-lane.ts";
import type { ForgeAccess } from "#runner/loop/forge-desk.ts";
import type { Look } from "#runner/report/look.ts";
import type { PriceTable } from "#runner/schema/types.gen.ts";
import type { ProgramWords } from "./program-words.ts";

export interface VerbContext {
  /** Folder to start from. */
  readonly start: string;
  /** Folder of the program. */
  readonly programFolder: string;
  readonly look: Look;
  /** How the program is started here; answers may say plainly `fettle plan`. */
  readonly program: ProgramWords;
  readonly clock: () => string;
  readonly signal: AbortSignal;
  /** Nobody reads the output any more. */
  readonly unheard: AbortSignal;
  /** Past state that is asked for: any revision of the state branch. */
  readonly at: string | null;
  /** Environment as plain data. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Builds the engine for a folder. */
  readonly open: (start: string, options: OpenOptions) => Promise<Opening>;
  /** Builds what a lane acts with, given the prices that it was handed. */
  readonly openLane: (prices: PriceTable | undefined) => Promise<LaneTools>;
  /** The forge at a place; null where no token is held. */
  readonly openForge: ForgeAccess["open"];
  /** Tells the person at the terminal something that is neither data nor progress. */
  readonly notice: (text: string) => void;
  /** Shows progress while the work goes on; stops when it is done. */
  readonly showing: <Value>(
    work: (onProgress: (event: ProgressEvent) => void) => Promise<Value>,
    /** How the program is started where the work is done; as everywhere else when left out. */
    program?: ProgramWords,
  ) => Promise<Value>;
}

export interface OpenOptions {
  readonly onProgress: (event: ProgressEvent) => void;
  /** A repository without a work tree will do. */
  readonly allowBare?: boolean;
  /** Steps are executed elsewhere, and claimed under this name. */
  readonly workingAs?: string;
}

export type Opening =
  | { readonly ok: true; readonly engine: Engine }
  | { readonly ok: false; readonly refusal: Answer };

/** `text` goes to standard output; `problem` to standard error. `json` is printed instead of both with --json. */
export interface Answer {
  readonly exit: ExitName;
  readonly text?: string;
  readonly problem?: string;
  readonly json?: unknown;
}

/** A refusal: what is wrong and what to do next. */
export function refused(exit: ExitName, message: string, hint: string): Answer {
  return {
    exit,
    problem: `${message}\n  ${hint}`,
    json: { error: { code: exit, message, hint } },
  };
}
