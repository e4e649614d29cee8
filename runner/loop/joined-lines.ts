/** Files of lines, as compaction writes them: one canonical JSON value each. */

export function readLines(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

export function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

const BASE = /"base":"(sha256:[0-9a-f]{64})"/;

/** Which effect a line of receipts is about, without reading it whole. */
export function receiptKey(line: string): string {
  return BASE.exec(line)?.[1] ?? line;
}
