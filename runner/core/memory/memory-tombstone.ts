/** What was forgotten stays forgotten: who said so and when, and nothing of what it said. */
import { itemSlug } from "#runner/core/identifier.ts";
import type { StoredMemory } from "./memory-file.ts";
import { memoryDigest } from "./memory-text.ts";
import type { MemoryTombstone } from "#runner/schema/types.gen.ts";

type Forgetting = Pick<MemoryTombstone, "at" | "by" | "reason">;

export function tombstoneOf(
  { id, text, blob }: Pick<StoredMemory, "id" | "text" | "blob">,
  forgetting: Forgetting,
): MemoryTombstone {
  return { id, digest: memoryDigest(text), blob, ...forgetting };
}

/** With what the one that stands there named already; null where that says all of it. */
export function addedTo(
  before: MemoryTombstone | undefined,
  fresh: MemoryTombstone,
): MemoryTombstone | null {
  const named = new Set(
    [...(before?.blobs ?? []), before?.blob].filter((oid) => oid !== undefined),
  );
  const blobs = new Set([...named, ...(fresh.blobs ?? [])]);
  const isKnown = [...blobs, fresh.blob ?? ""].every((oid) => oid === "" || named.has(oid));
  if (before !== undefined && isKnown) return null;
  const { blobs: _, ...rest } = fresh;
  const others = [...blobs].filter((oid) => oid !== fresh.blob).toSorted();
  return others.length === 0 ? rest : { ...rest, blobs: others };
}

/** `memory/tombstones/<id>.yaml`; of a subject a name that no other one has. */
export function tombstonePath({ id, subject }: Pick<MemoryTombstone, "id" | "subject">): string {
  const name = id ?? `subject-${itemSlug((subject ?? "").toLowerCase())}`;
  return `memory/tombstones/${name}.yaml`;
}

/** JSON strings are YAML. */
export function renderTombstone(tombstone: MemoryTombstone): string {
  return Object.entries(tombstone)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join("");
}

/** What may not be remembered again. */
export interface Forgotten {
  readonly ids: ReadonlySet<string>;
  readonly digests: ReadonlySet<string>;
  readonly subjects: readonly string[];
}

export const NOTHING_FORGOTTEN: Forgotten = { ids: new Set(), digests: new Set(), subjects: [] };

export function forgottenBy(tombstones: readonly MemoryTombstone[]): Forgotten {
  return {
    ids: new Set(tombstones.flatMap(({ id }) => id ?? [])),
    digests: new Set(tombstones.flatMap(({ digest }) => digest ?? [])),
    subjects: tombstones.flatMap(({ subject }) => subject ?? []).toSorted(),
  };
}

/** Why something may not be remembered; undefined when it may. */
export function whyForgotten(
  { digests, subjects }: Forgotten,
  { subject, text }: { readonly subject: string; readonly text: string },
): string | undefined {
  const gone = subjects.find((one) => isBelow(subject, one));
  if (gone !== undefined) return `all about ${gone} was forgotten`;
  return digests.has(memoryDigest(text)) ? "it was forgotten" : undefined;
}

/** Whether a subject is the other, or stands below it. */
export function isBelow(subject: string, other: string): boolean {
  const [one, two] = [subject.toLowerCase(), other.toLowerCase()];
  return one === two || one.startsWith(`${two}/`);
}
