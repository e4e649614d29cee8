/** Records on disk that contradict each other: nothing stalls, but an agent may be told either. */
import { contradictions } from "#runner/core/memory/memory-contradiction.ts";
import { activeMemory } from "#runner/core/memory/memory-active.ts";
import { blobId } from "#runner/core/blob-id.ts";
import { isMemoryPath, memoryRecordsOf } from "#runner/schema/memory-source.ts";
import { FIRST_CHARACTER, type Violation } from "#runner/schema/violation.ts";

interface Files {
  readonly paths: readonly string[];
  readonly textOf: (path: string) => string;
}

/** One warning for every file of a contradiction. */
export function memoryWarnings({ paths, textOf }: Files, now: string): readonly Violation[] {
  const records = paths.filter(isMemoryPath).flatMap((path) => {
    const text = textOf(path);
    return memoryRecordsOf({ path, blob: blobId(new TextEncoder().encode(text), "sha1"), text });
  });
  return contradictions(activeMemory(records, now)).flatMap((group) =>
    group.map(({ id, path, record: { subject, attribute = "" } }) => {
      const others = group.filter((other) => other.id !== id).map((other) => other.path);
      return {
        ...FIRST_CHARACTER,
        severity: "warning" as const,
        file: path,
        code: "memory/contradiction",
        message: `${subject} has another answer to ${attribute}: ${others.join(", ")}`,
        hint: `keep one of them; the other: fettle memory retract ${id} --reason "…"`,
      };
    }),
  );
}
