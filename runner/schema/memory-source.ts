/** A file below `memory/` → the records that it holds. */
import { episodesIn, isEpisodePath } from "#runner/core/episode.ts";
import { storedMemory, type StoredMemory } from "#runner/core/memory/memory-file.ts";
import type { MemoryRecord } from "./types.gen.ts";
import { frontMatter, readManifest } from "./manifest.ts";

interface MemorySource {
  readonly path: string;
  readonly blob: string;
  readonly text: string;
}

const RECORD = /^memory\/[^/]+\/(?!decisions\/).+\.md$/;

/** Whether a path of the repository is that of memory records. */
export function isMemoryPath(path: string): boolean {
  return RECORD.test(path) || isEpisodePath(path);
}

/** None where the file is not valid; `validate` says why. */
export function memoryRecordsOf({ path, blob, text }: MemorySource): readonly StoredMemory[] {
  if (isEpisodePath(path)) return episodesIn({ path, blob, text });
  const record = readManifest("memory", path, text).value;
  const body = frontMatter(text)?.body ?? "";
  return record === null ? [] : [storedMemory({ path, blob, record, body })];
}

export interface IncomingRecord {
  readonly namespace: string;
  readonly record: MemoryRecord;
  readonly text: string;
}

/** Markdown with front matter from elsewhere; a text says what is wrong. */
export function incomingFile(source: string, namespace: string): IncomingRecord | string {
  const text = (frontMatter(source)?.body ?? "").trim();
  return checkedRecord(source, { namespace, text });
}

/** The same as a line of JSON, which may name its namespace. */
export function incomingLine(source: string, otherwise: string): IncomingRecord | string {
  const members = jsonObject(source);
  const { namespace = otherwise, text, ...record } = members ?? {};
  if (typeof text !== "string" || typeof namespace !== "string") {
    return "it is not a JSON object with a text";
  }
  return checkedRecord(`---\n${JSON.stringify(record)}\n---\n`, { namespace, text });
}

function checkedRecord(
  source: string,
  said: Pick<IncomingRecord, "namespace" | "text">,
): IncomingRecord | string {
  const { value, violations } = readManifest("memory", "memory/org/imported.md", source);
  return value === null
    ? (violations[0]?.message ?? "it is not a record")
    : { ...said, record: value };
}

function jsonObject(source: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
