/** From offsets in a text to lines and columns. */
import type { Range } from "./violation.ts";

export type RangeOf = (start: number, end: number) => Range;

/** A byte order mark is no part of the text: no column counts it. */
export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Gives the range between two offsets of `text`; one character long at least. */
export function rangesOf(text: string): RangeOf {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const placeOf = (offset: number): { line: number; col: number } => {
    const line = lastNotAfter(starts, offset);
    return { line: line + 1, col: offset - (starts[line] ?? 0) + 1 };
  };
  return (start, end) => {
    const from = placeOf(start);
    const to = placeOf(Math.max(end, start + 1));
    return { ...from, endLine: to.line, endCol: to.col };
  };
}

/** Index of the last start that is at or before the offset. */
function lastNotAfter(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
