/** The words that start the program here: hints must be commands that work when they are pasted. */
import { join } from "node:path";
import { shellWord } from "#runner/core/shell-word.ts";

export interface ProgramWords {
  /** `fettle`, or the program's file for who started it through npm: such a `fettle` is known in its own folder only. */
  readonly command: string;
  /** The folder of -C as it was given; null for the folder one is in. */
  readonly folder: string | null;
}

const HINTED =
  "accept-rewrite|actions|agents|answer|approve|attest|cancel|command|compact|costs|doctor|execute|explain|gates|help|init|memory|plan|reconcile|reject|retry|rollback|run|runs|settle|snooze|start|status|stop|timeline|try|undo|validate|verify";
const FETTLE = new RegExp(String.raw`(?<![\w/.-])fettle (?=(?:${HINTED})\b)`, "gu");
const GIT =
  /(?<![\w/.-])git (?=(?:add|branch|checkout|commit|config|diff|fetch|log|merge|pull|push|refs|remote|switch) )/gu;

export function programWords(given: {
  readonly dir: string;
  readonly programFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): ProgramWords {
  const throughNpm = given.environment["npm_execpath"] !== undefined;
  return {
    command: throughNpm ? shellWord(join(given.programFolder, "bin", "fettle.mjs")) : "fettle",
    folder: given.dir === "." ? null : given.dir,
  };
}

/** The text with its commands as they must be typed here: `fettle plan` becomes `fettle -C ../studio plan`. */
export function inWordsOf({ command, folder }: ProgramWords, text: string): string {
  const place = folder === null ? "" : `-C ${shellWord(folder)} `;
  return text.replaceAll(FETTLE, () => `${command} ${place}`).replaceAll(GIT, () => `git ${place}`);
}
