/** `fettle memory list`: what is remembered. */
import { renderMemoryList } from "#runner/report/memory-text.ts";
import { seeingMemory, type KnownMemory } from "./seeing-memory.ts";
import type { Answer, VerbContext } from "./verb.ts";

export interface MemoryFilter {
  readonly namespace: string | null;
  readonly kind: string | null;
  /** Whole, or the beginning of a path: `client` finds `client/acme`. */
  readonly subject: string | null;
  /** Those that are not in force too. */
  readonly all: boolean;
  readonly asOf: string | null;
}

export function memoryListVerb(context: VerbContext, filter: MemoryFilter): Promise<Answer> {
  return seeingMemory(context, filter.asOf, ({ records, commit, at }) => {
    const shown = records.filter((record) => isMeant(record, filter)).toSorted(byPlace);
    const text = renderMemoryList(shown, context.look);
    return { exit: "ok", text, json: { commit, at, records: shown } };
  });
}

export function isMeant(memory: KnownMemory, filter: MemoryFilter): boolean {
  const { namespace, kind, subject, all } = filter;
  const { record, standing } = memory;
  return (
    (all || standing.kind === "active" || standing.kind === "upcoming") &&
    (namespace === null || memory.namespace === namespace) &&
    (kind === null || record.kind === kind) &&
    (subject === null || record.subject === subject || record.subject.startsWith(`${subject}/`))
  );
}

function byPlace(a: KnownMemory, b: KnownMemory): number {
  const [one, other] = [a, b].map(
    ({ namespace, record, id }) => `${namespace}\0${record.subject}\0${record.kind}\0${id}`,
  );
  return (one ?? "") < (other ?? "") ? -1 : 1;
}
