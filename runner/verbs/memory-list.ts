/** `fettle memory list`: what is remembered. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { meantSubject } from "#runner/core/memory/memory-subject.ts";
import { isBelow } from "#runner/core/memory/memory-tombstone.ts";
import { renderMemoryList } from "#runner/report/memory-text.ts";
import { seeingMemory, type KnownMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface MemoryFilter {
  readonly namespace: string | null;
  readonly kind: string | null;
  /** Whole, or the beginning of a path: `client` finds `client/acme`; however it is spelt. */
  readonly subject: string | null;
  /** Those that are not in force too. */
  readonly all: boolean;
  readonly asOf: string | null;
}

export function memoryListVerb(context: VerbContext, filter: MemoryFilter): Promise<Answer> {
  return seeingMemory(context, filter.asOf, ({ records, commit, at }) => {
    const named = subjectNamed(filter.subject, records);
    if (!named.ok) return named.refusal;
    const { subject } = named;
    const shown = records.filter((one) => isMeant(one, { ...filter, subject })).toSorted(byPlace);
    const text = renderMemoryList(shown, context.look);
    return { exit: "ok", text, json: { commit, at, records: shown } };
  });
}

export type NamedSubject =
  | { readonly ok: true; readonly subject: string | null }
  | { readonly ok: false; readonly refusal: Answer };

/** The subject that was typed, as records spell it. */
export function subjectNamed(word: string | null, records: readonly StoredMemory[]): NamedSubject {
  if (word === null) return { ok: true, subject: null };
  const subjects = records.map(({ record }) => record.subject);
  const meant = meantSubject(word, subjects);
  if (meant.ok) return meant;
  return { ok: false, refusal: refused("usage", `no record is about ${word}`, meant.hint) };
}

function isMeant(memory: KnownMemory, filter: MemoryFilter): boolean {
  const { namespace, kind, subject, all } = filter;
  const { record, standing } = memory;
  return (
    (all || standing.kind === "active" || standing.kind === "upcoming") &&
    (namespace === null || memory.namespace === namespace) &&
    (kind === null || record.kind === kind) &&
    (subject === null || isBelow(record.subject, subject))
  );
}

function byPlace(a: KnownMemory, b: KnownMemory): number {
  const [one, other] = [a, b].map(
    ({ namespace, record, id }) => `${namespace}\0${record.subject}\0${record.kind}\0${id}`,
  );
  return (one ?? "") < (other ?? "") ? -1 : 1;
}
