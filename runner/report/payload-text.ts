/** What an attempt gave and what its programs wrote beside it, in full or as much as a screen bears. */
import { paragraph, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";

const INDENT = 4;
const LINES_SHOWN = 40;
const COLUMNS_SHOWN = 2000;

/** The beginning of outputs and the end of a log; everything when the look is verbose. */
export function payloadLines(of: "outputs" | "log", text: string, look: Look): Line[] {
  const lines = of === "outputs" ? outputLines(text) : text.trimEnd().split("\n");
  if (look.verbose) return lines.flatMap((line) => printed(line, look));
  const near = of === "outputs" ? lines.slice(0, LINES_SHOWN) : lines.slice(-LINES_SHOWN);
  const wrapped = near.flatMap((line) => printed(cut(line), look));
  const left = lines.length - near.length;
  const isWhole = left === 0 && wrapped.length <= LINES_SHOWN && near.every(isShort);
  if (isWhole) return wrapped;
  const count = left === 0 ? "" : `${left} more ${left === 1 ? "line" : "lines"}, `;
  const more: Line = [" ".repeat(INDENT), toned("dim", `${count}all of it with --verbose`)];
  return of === "outputs"
    ? [...wrapped.slice(0, LINES_SHOWN), more]
    : [more, ...wrapped.slice(-LINES_SHOWN)];
}

/** Outputs are JSON of one line: each by its name, texts as they read. */
function outputLines(text: string): readonly string[] {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return valueLines(value);
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    const [first = "", ...rest] = valueLines(part);
    if (rest.length === 0) return [`${name}: ${first}`];
    return typeof part === "string"
      ? [`${name}:`, ...[first, ...rest].map((line) => `  ${line}`)]
      : [`${name}: ${first}`, ...rest];
  });
}

function valueLines(value: unknown): readonly string[] {
  const text = typeof value === "string" ? value.trimEnd() : JSON.stringify(value, null, 2);
  return text.split("\n");
}

function isShort(line: string): boolean {
  return line.length <= COLUMNS_SHOWN;
}

function cut(line: string): string {
  return isShort(line) ? line : `${line.slice(0, COLUMNS_SHOWN)}...`;
}

/** Broken to the width, each part as far in as the line began. */
function printed(line: string, look: Look): Line[] {
  const text = line.trimStart();
  return paragraph(
    text,
    INDENT + Math.min(line.length - text.length, Math.floor(look.width / 2)),
    look,
  );
}
