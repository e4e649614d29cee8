/** A file below `memory/` → the records that it holds. */
import { storedMemory, type StoredMemory } from "#runner/core/memory-file.ts";
import { frontMatter, readManifest } from "./manifest.ts";

interface MemorySource {
  readonly path: string;
  readonly blob: string;
  readonly text: string;
}

const RECORD = /^memory\/[^/]+\/(?!decisions\/).+\.md$/;

/** Whether a path of the repository is that of memory records. */
export function isMemoryPath(path: string): boolean {
  return RECORD.test(path);
}

/** None where the file is not valid; `validate` says why. */
export function memoryRecordsOf({ path, blob, text }: MemorySource): readonly StoredMemory[] {
  const record = readManifest("memory", path, text).value;
  const body = frontMatter(text)?.body ?? "";
  return record === null ? [] : [storedMemory({ path, blob, record, body })];
}
