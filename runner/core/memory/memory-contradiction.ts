/** Records that give different answers to the same question; told from their keys, never by a guess at what they mean. */
import type { StoredMemory } from "./memory-file.ts";
import { memoryDigest } from "./memory-text.ts";

/** Namespace, subject and attribute name one question; null where a record answers none. */
function questionOf({
  namespace,
  record,
}: Pick<StoredMemory, "namespace" | "record">): string | null {
  const { subject, attribute } = record;
  return attribute === undefined ? null : JSON.stringify([namespace, subject, attribute]);
}

/** Groups of records in force that have one question and not one answer. */
export function contradictions<Memory extends Pick<StoredMemory, "namespace" | "record" | "text">>(
  active: readonly Memory[],
): readonly (readonly Memory[])[] {
  const asked = active.filter((memory) => questionOf(memory) !== null);
  return [...Map.groupBy(asked, questionOf).values()].filter(
    (group) => new Set(group.map(({ text }) => memoryDigest(text))).size > 1,
  );
}
