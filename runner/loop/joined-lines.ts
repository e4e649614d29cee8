/** Files of lines, as compaction writes them: one canonical JSON value each. */

export function readLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

export function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Lines with those of files that stood alone: what stands in a file of its own is newer than its line. */
export function joinLines(
  before: string,
  texts: readonly string[],
  keyOf: (line: string) => string,
): string {
  const lines = new Map(readLines(before).map((line) => [keyOf(line), line]));
  for (const text of texts) lines.set(keyOf(text.trimEnd()), text.trimEnd());
  return linesOf([...lines.values()].toSorted());
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
