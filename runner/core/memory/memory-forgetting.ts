/** What an operator means who has something forgotten: which records, and by which words it is known elsewhere. */
import { findNamed } from "#runner/core/suggest.ts";
import { wordsFor } from "./memory-erasure.ts";
import type { StoredMemory } from "./memory-file.ts";
import { meantSubject } from "./memory-subject.ts";
import {
  addedTo,
  isBelow,
  tombstoneOf,
  tombstonePath,
  type Forgotten,
} from "./memory-tombstone.ts";
import { namedMemory, wholeId } from "./named-memory.ts";
import type { MemoryTombstone } from "#runner/schema/types.gen.ts";

/** A record or a subject: one of them. */
export interface ForgetWish {
  readonly id: string | null;
  readonly subject: string | null;
  /** What else it is called. */
  readonly words: readonly string[];
}

/** The records that are meant, and the words by which what they are about is known elsewhere. */
export interface Meant<Known> {
  readonly ok: true;
  readonly going: readonly Known[];
  /** A record that has gone already: what names it may be left. */
  readonly buried: string | null;
  readonly subject: string | null;
  readonly words: readonly string[];
}

type Refused = { readonly ok: false; readonly message: string; readonly hint: string };

/** What is forgotten already may be asked for again: something may have been in the way. */
export function meantToForget<Known extends StoredMemory>(
  { id, subject, words }: ForgetWish,
  records: readonly Known[],
  forgotten: Pick<Forgotten, "ids" | "subjects">,
): Meant<Known> | Refused {
  return subject === null
    ? meantRecord({ id: id ?? "", words }, records, forgotten)
    : meantBelow({ subject, words }, records, forgotten);
}

function meantBelow<Known extends StoredMemory>(
  { subject, words }: { readonly subject: string; readonly words: readonly string[] },
  records: readonly Known[],
  { subjects }: Pick<Forgotten, "subjects">,
): Meant<Known> | Refused {
  const all = [...records.map(({ record }) => record.subject), ...subjects];
  const known = meantSubject(subject, all);
  const name = known.ok ? known.subject : subject.trim().toLowerCase();
  // A slip of the pen must not erase what its last part means elsewhere; who names a word means it.
  if (!known.ok && (words.length === 0 || /\s/u.test(name))) {
    const hint = `${known.hint}; what has no record: --word <name> says how it is called elsewhere`;
    return { ok: false, message: `no record is about ${subject}`, hint };
  }
  const going = records.filter(({ record }) => isBelow(record.subject, name));
  return { ok: true, going, buried: null, subject: name, words: wordsFor(name, words) };
}

function meantRecord<Known extends StoredMemory>(
  { id, words }: { readonly id: string; readonly words: readonly string[] },
  records: readonly Known[],
  { ids }: Pick<Forgotten, "ids">,
): Meant<Known> | Refused {
  const found = namedMemory(id, records);
  if (found.ok) {
    const { memory } = found;
    const all = [memory.id, ...words];
    return { ok: true, going: [memory], buried: null, subject: null, words: all };
  }
  const gone = [...ids].map((name) => ({ name }));
  const again = findNamed(wholeId(id), gone, { byStart: true });
  if (again.kind !== "found") return found;
  const { name: buried } = again.found;
  return { ok: true, going: [], buried, subject: null, words: [buried, ...words] };
}

/** Where the tombstones of what is meant stand, or are to stand. */
export function tombstonePaths({
  going,
  buried,
  subject,
}: Omit<Meant<StoredMemory>, "ok" | "words">): readonly string[] {
  const named = [...going.map(({ id }) => id), ...(buried === null ? [] : [buried])];
  return [
    ...named.map((id) => tombstonePath({ id })),
    ...(subject === null ? [] : [tombstonePath({ subject })]),
  ];
}

interface Burial extends Pick<MemoryTombstone, "at" | "by" | "reason"> {
  /** Blobs that go besides. */
  readonly blobs: readonly string[];
  /** Tombstones that stand already, by path. */
  readonly standing: ReadonlyMap<string, MemoryTombstone>;
}

/** One for each record and one for a subject; the last of them names what goes besides, so that a purge of history takes it. */
export function tombstonesFor(
  { going, buried, subject }: Omit<Meant<StoredMemory>, "ok" | "words">,
  { blobs, standing, ...said }: Burial,
): readonly MemoryTombstone[] {
  const before = buried === null ? undefined : standing.get(tombstonePath({ id: buried }));
  const all: readonly MemoryTombstone[] = [
    ...going.map((record) => tombstoneOf(record, said)),
    ...(before === undefined ? [] : [before]),
    ...(subject === null ? [] : [{ subject, ...said }]),
  ];
  return all.flatMap((tombstone, place) => {
    const isLast = place === all.length - 1;
    const fresh = isLast ? { ...tombstone, blobs: [...blobs] } : tombstone;
    return addedTo(standing.get(tombstonePath(tombstone)), fresh) ?? [];
  });
}
