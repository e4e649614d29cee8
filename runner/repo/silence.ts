/** Gits that talk to an origin say how far they are. One that says nothing any more waits for somebody who is gone. */
import type { ChildProcess } from "node:child_process";

/** Longer than anybody thinks before the first word; and somebody may have to type a passphrase first. */
export const SILENCE_MS = 300_000;

/** Why one was ended that said nothing; null while it says something. */
export interface Watch {
  readonly why: () => string | null;
  readonly stop: () => void;
}

/** Calls `end` when the process has said nothing for so long. */
export function watchSilence(child: ChildProcess, mostMs: number, end: () => void): Watch {
  let why: string | null = null;
  const timer = setTimeout(() => {
    why = `no answer within ${mostMs / 1000} s`;
    end();
  }, mostMs);
  for (const pipe of [child.stdout, child.stderr]) pipe?.on("data", () => timer.refresh());
  return { why: () => why, stop: () => clearTimeout(timer) };
}

const PROGRESS =
  /^(?:remote: )?(?:[A-Z][a-z]+(?: [a-z]+)+: +\d|Delta compression using |Total \d+ \(delta |$)/;

/** What git has said to people, without the lines that tell how far it is. */
export function withoutProgress(stderr: string): string {
  return stderr
    .split(/[\r\n]+/)
    .filter((line) => !PROGRESS.test(line))
    .join("\n");
}
