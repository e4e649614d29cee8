/** What is wrong with the files people write: for a terminal, a program, or the log of GitHub Actions. */
import { paragraph, printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { terminalText } from "./terminal-text.ts";
import { counted } from "./words.ts";
import { codeFrame } from "#runner/schema/code-frame.ts";
import type { Violation } from "#runner/schema/violation.ts";

/** `annotations`: only those of `github`. */
export type ViolationFormat = "text" | "json" | "github" | "annotations";

export interface ViolationReport {
  readonly violations: readonly Violation[];
  /** Text by file, for the frames; a file that is missing gets none. */
  readonly sources: ReadonlyMap<string, string>;
  /** How many files were checked. */
  readonly checked: number;
}

/** GitHub shows so many annotations of a severity for one step and drops the rest. */
const annotationsShown = 10;

/** All violations in one format, ending with a count. */
export function renderViolations(
  report: ViolationReport,
  format: ViolationFormat,
  look: Look,
): string {
  switch (format) {
    case "text":
      return printLines(textLines(report, look), look);
    case "json":
      return jsonText(report);
    case "annotations":
      return annotations(report.violations);
    case "github":
      return `${printLines(textLines(report, look), look)}${annotations(report.violations)}`;
  }
}

function textLines(report: ViolationReport, look: Look): Line[] {
  return [
    ...report.violations.flatMap((violation) => [
      ...violationLines(violation, report.sources.get(violation.file), look),
      [],
    ]),
    [countText(report)],
  ];
}

function violationLines(violation: Violation, source: string | undefined, look: Look): Line[] {
  const { file, line, col, severity, code, message, hint } = violation;
  const tone = severity === "error" ? "bad" : "warn";
  const head: Line = [
    toned("strong", `${file}:${line}:${col}`),
    "  ",
    toned(tone, severity),
    toned("dim", `  ${code}`),
  ];
  const frame = source === undefined ? [] : frameLines(codeFrame(source, violation), look);
  // The frame shows the hint at the marker.
  const loneHint = source === undefined && hint !== "" ? paragraph(hint, 4, look) : [];
  return [head, ...paragraph(message, 2, look), ...frame, ...loneHint];
}

function frameLines(frame: string, look: Look): Line[] {
  const lines = frame.split("\n");
  return lines.map((line) => [look.ascii ? asciiFrame(line) : line]);
}

function asciiFrame(line: string): string {
  return line.replace(/^( *)›/u, "$1>").replace(/^([ >\d]*)│/u, "$1|");
}

function countText({ violations, checked }: ViolationReport): string {
  if (checked === 0 && violations.length === 0) return "nothing that fettle checks";
  const files = counted(checked, "file");
  if (violations.length === 0) return `${files}, nothing wrong`;
  const wrong = new Set(violations.map(({ file }) => file)).size;
  const errors = violations.filter(({ severity }) => severity === "error").length;
  const counts = [
    ...(errors > 0 ? [counted(errors, "error")] : []),
    ...(violations.length > errors ? [counted(violations.length - errors, "warning")] : []),
  ];
  return `${counts.join(", ")} in ${wrong} of ${files}`;
}

function jsonText({ violations, checked }: ViolationReport): string {
  const errors = violations.filter(({ severity }) => severity === "error").length;
  const warnings = violations.length - errors;
  return `${JSON.stringify({ v: 1, checked, errors, warnings, violations })}\n`;
}

function annotations(violations: readonly Violation[]): string {
  const severities = ["error", "warning"] as const;
  const shown = severities.flatMap((severity) =>
    violations.filter((violation) => violation.severity === severity).slice(0, annotationsShown),
  );
  return shown.map((violation) => `${annotation(violation)}\n`).join("");
}

/** A workflow command; the runner of Actions takes what follows the last `::` as data. */
function annotation(violation: Violation): string {
  const { severity, file, line, col, endLine, endCol, code, message, hint } = violation;
  const properties = {
    file,
    line,
    col,
    ...(endLine === line ? { endColumn: endCol } : {}),
    title: code,
  };
  const list = Object.entries(properties)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(",");
  const data = hint === "" ? message : `${message} (${hint})`;
  return `::${severity} ${list}::${escapeData(data)}`;
}

/** Line ends are gone already: terminalText makes one line of it. */
function escapeData(data: string): string {
  return terminalText(data).replaceAll("%", "%25");
}

/** `:` and `,` would end the property. */
function escapeProperty(value: string): string {
  return escapeData(value).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
