/** Files of lines, as compaction writes them: one canonical JSON value each. */

export function readLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

export function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

const BASE = /"base":"(sha256:[0-9a-f]{64})"/;

const HANDLING = /"run":"([^"]+)","startedAt":"[^"]*","step":"[^"]*"\}$/;

/** Which run a line of handled items is about: what its outputs name so stands before. */
export function handledKey(line: string): string {
  return HANDLING.exec(line)?.[1] ?? line;
}

/** Which effect a line of receipts is about, without reading it whole. */
export function receiptKey(line: string): string {
  return BASE.exec(line)?.[1] ?? line;
}
