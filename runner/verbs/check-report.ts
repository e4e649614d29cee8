/** What a check has found, as a file that goes from the machine that reads a proposal to the one that may write. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SummaryPart } from "#runner/report/actions-text.ts";
import type { CheckReport } from "#runner/report/check-text.ts";

/** More is no report of a check. */
const LARGEST_BYTES = 8 * 1024 * 1024;

export function writeCheckReport(path: string, report: CheckReport): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report)}\n`);
}

/** null: it is no report. What made it has read files of strangers, so nothing of it is taken on trust. */
export function readCheckReport(path: string): CheckReport | null {
  try {
    if (statSync(path).size > LARGEST_BYTES) return null;
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isReport(value) ? value : null;
  } catch {
    return null;
  }
}

function isReport(value: unknown): value is CheckReport {
  if (typeof value !== "object" || value === null) return false;
  if (!("isValid" in value && "parts" in value)) return false;
  const { isValid, parts } = value;
  return typeof isValid === "boolean" && Array.isArray(parts) && parts.every(isPart);
}

function isPart(value: unknown): value is SummaryPart {
  if (typeof value !== "object" || value === null) return false;
  if (!("title" in value && "text" in value)) return false;
  return typeof value.title === "string" && typeof value.text === "string";
}
