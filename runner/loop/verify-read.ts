/** The files of one state commit as `verify` reads them: parsed, and held against their schemas. */
import type { Finding } from "#runner/core/verify/verify-finding.ts";
import type { StateRecord } from "#runner/core/verify/verify-record.ts";
import { isSummaryPath } from "#runner/core/verify/verify-summary.ts";
import { recordOf, summaryComplaint } from "./record-schema.ts";

/** A changed file; `text` is null where it was removed. */
export interface ChangedFile {
  readonly path: string;
  readonly mode: string;
  readonly text: string | null;
}

const NOT_JSON = "it is not JSON";

export type PathKind = "event" | "format" | "summary" | "record";

export function kindOf(path: string): PathKind {
  if (path.startsWith("events/")) return "event";
  if (path === "format.json") return "format";
  return isSummaryPath(path) ? "summary" : "record";
}

export interface ReadRecord {
  readonly record: StateRecord;
  readonly findings: readonly Finding[];
}

/** `where` names the file in findings. */
export function readStateRecord(path: string, text: string, where: string): ReadRecord {
  const parsed = parsedJson(text);
  const record = parsed === undefined ? NOT_JSON : recordOf(path, parsed.value);
  return typeof record === "string"
    ? unreadable({ rule: "record-schema", where, message: record })
    : { record, findings: [] };
}

function unreadable(finding: Finding): ReadRecord {
  return { record: { kind: "unreadable" }, findings: [finding] };
}

/** What the schema says against the text of a summary. */
export function summaryTextComplaint(path: string, text: string): string | null {
  const parsed = parsedJson(text);
  return parsed === undefined ? NOT_JSON : summaryComplaint(path, parsed.value);
}

export function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
