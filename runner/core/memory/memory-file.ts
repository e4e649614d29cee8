/** A memory record as a Markdown file with front matter. */
import type { MemoryKind, MemoryRecord } from "#runner/schema/types.gen.ts";
import { shortDigest } from "#runner/core/identifier.ts";

/** Episodes are lines of the file that a run left, not files of their own. */
export type RecordKind = MemoryKind | "episode";

export type StoredRecord = Omit<MemoryRecord, "kind"> & { readonly kind: RecordKind };

/** A record with what follows from its place. */
export interface StoredMemory {
  readonly id: string;
  /** A project, or `org`. */
  readonly namespace: string;
  readonly path: string;
  /** Blob id of the file. */
  readonly blob: string;
  readonly record: StoredRecord;
  readonly text: string;
  /** Of an episode: the run that it tells of, and its place there. */
  readonly run?: string;
  readonly seq?: number;
}

interface MemoryFile {
  readonly path: string;
  readonly blob: string;
  /** Front matter, checked against the schema. */
  readonly record: MemoryRecord;
  readonly body: string;
}

/** Fills in what a record written by hand leaves out: the id follows from the path, the trust is the operator's. */
export function storedMemory({ path, blob, record, body }: MemoryFile): StoredMemory {
  const id = record.id ?? `mem_${shortDigest({ path }, 16)}`;
  const byHand = record.source?.run === undefined;
  return {
    id,
    namespace: path.split("/")[1] ?? "",
    path,
    blob,
    record: { ...record, id, trust: record.trust ?? (byHand ? "operator" : "internal") },
    text: body.trim(),
  };
}

/** The file of a record: closed front matter in a fixed order, then the text. */
export function renderMemoryFile(record: StoredRecord, text: string): string {
  const lines = [
    field("id", record.id),
    field("kind", record.kind),
    field("subject", record.subject),
    field("attribute", record.attribute),
    sourceField(record.source),
    field("trust", record.trust),
    field("confidence", record.confidence),
    field("recordedAt", record.recordedAt),
    field("validFrom", record.validFrom),
    field("validTo", record.validTo),
    field("supersedes", record.supersedes),
    field("retracts", record.retracts),
    field("tags", record.tags),
    field("ttl", record.ttl),
    field("pinned", record.pinned),
  ];
  return `---\n${lines.filter((line) => line !== "").join("\n")}\n---\n${text.trim()}\n`;
}

type Value = string | number | boolean | readonly string[];

function field(key: string, value: Value | undefined): string {
  return value === undefined ? "" : `${key}: ${scalar(value)}`;
}

function sourceField(source: MemoryRecord["source"]): string {
  if (source === undefined) return "";
  const members = [
    field("run", source.run),
    field("step", source.step),
    field("agent", source.agent),
    field("evidence", source.evidence),
  ];
  return `source: { ${members.filter((member) => member !== "").join(", ")} }`;
}

function scalar(value: Value): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "object") return `[${value.map(quoted).join(", ")}]`;
  return String(value);
}

const PLAIN = /^[a-z][a-z0-9]*(?:[._/@-][a-z0-9]+)*$/;
/** Words that some YAML readers take for something else. */
const KEYWORD = /^(?:true|false|null|yes|no|on|off|y|n)$/;

/** Words, paths and ids stay plain; all else becomes a JSON string, which YAML reads as the same text. */
function quoted(text: string): string {
  if (PLAIN.test(text) && !KEYWORD.test(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu,
    escaped,
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
