/** What was taken from the payload of a month: records go on citing it, and are told what became of it. */
import type { PayloadTombstones } from "#runner/schema/types.gen.ts";

/** Content that left the payload of a month for good: all of it, or what `digests` names. */
export interface DroppedPayload {
  readonly month: string;
  /** `retention`, or who asked for it. */
  readonly by: string;
  /** The rule that it followed, or the reason that was given. */
  readonly rule: string;
  readonly digests: readonly string[] | null;
  /** Commits of the payload branch before and after; null: it is gone. */
  readonly from: string;
  readonly head: string | null;
}

type Dropped = Omit<DroppedPayload, "by"> & { readonly at: string };

/** The tombstones of the month after the event; null: it has none yet. */
export function withDropped(
  before: PayloadTombstones | null,
  { at, month, digests, rule, from, head }: Dropped,
): PayloadTombstones {
  const earlier = before?.removed ?? [];
  const place = { month, from, head };
  if (digests === null) return { ...place, all: { at, rule }, removed: earlier };
  const known = new Set(earlier.map(({ digest }) => digest));
  const fresh = digests.filter((digest) => !known.has(digest)).toSorted();
  const removed = [...earlier, ...fresh.map((digest) => ({ digest, at, rule }))];
  const all = before?.all;
  return { ...place, ...(all === undefined ? {} : { all }), removed };
}

/** When and by what rule content was taken away. */
export interface Burial {
  readonly at: string;
  readonly rule: string;
}

/** undefined: it was not. */
export function burialOf(tombstones: PayloadTombstones, digest: string): Burial | undefined {
  return tombstones.removed.find((one) => one.digest === digest) ?? tombstones.all;
}

/** `dropped on 2026-11-26 (shortTerm: 180d)` */
export function burialWords({ at, rule }: Burial): string {
  return `dropped on ${at.slice(0, 10)} (${rule})`;
}
