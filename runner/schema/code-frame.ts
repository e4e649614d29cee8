/** The lines around a violation, for people. */
import { withoutMark } from "./text-range.ts";
import type { Problem } from "./violation.ts";

const CONTEXT_LINES = 1;
const WIDEST = 120;

/**
 * The marked line with one line before and after it, each with its number; the hint stands at the marker.
 * Plain text as the file holds it: whoever prints it neutralises control characters.
 */
export function codeFrame(text: string, problem: Problem): string {
  const lines = withoutMark(text).split(/\r?\n/);
  const first = Math.max(1, problem.line - CONTEXT_LINES);
  const last = Math.min(lines.length, problem.line + CONTEXT_LINES);
  const width = String(last).length + 3;
  const frame: string[] = [];
  for (let number = first; number <= last; number += 1) {
    const isMarked = number === problem.line;
    const label = `${isMarked ? "› " : ""}${number}`.padStart(width);
    frame.push(
      `${label} │ ${shown(lines[number - 1] ?? "", isMarked ? problem.col : 1)}`.trimEnd(),
    );
    if (isMarked) frame.push(`${" ".repeat(width)} │ ${marker(lines[number - 1] ?? "", problem)}`);
  }
  return frame.join("\n");
}

function marker(line: string, problem: Problem): string {
  const end = problem.endLine === problem.line ? problem.endCol : line.length + 1;
  const before = shown(line.slice(skipped(problem.col), problem.col - 1), 1);
  const longest = WIDEST - before.length;
  const carets = "^".repeat(Math.max(1, Math.min(end - problem.col, longest)));
  const space = before.replace(/[^ ]/g, " ");
  return `${space}${carets} ${problem.hint}`.trimEnd();
}

/** A line wider than the frame is shown from shortly before the column. */
function shown(line: string, col: number): string {
  return line.slice(skipped(col), skipped(col) + WIDEST).replaceAll("\t", " ");
}

function skipped(col: number): number {
  return col > WIDEST - 20 ? col - 40 : 0;
}
