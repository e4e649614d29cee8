/** `fettle memory supersede` and `retract`: a record is replaced, or was wrong; it stays where it is. */
import { changingMemory } from "./changing-memory.ts";
import { entered, textOf, type EntryOptions } from "./memory-add.ts";
import { findMemory, type KnownMemory, type SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

interface Superseding {
  readonly id: string;
  readonly text: string | null;
  readonly options: EntryOptions;
}

/** What is not said anew is as in the old record. */
export function memorySupersedeVerb(
  context: VerbContext,
  { id, text, options }: Superseding,
): Promise<Answer> {
  const said = textOf(text);
  return changingMemory(context, async (memory) => {
    const found = findMemory(id, memory.records);
    if (!found.ok) return found.refusal;
    const old = found.memory;
    const over = saidBefore(memory, old, said) ?? whyOver(old);
    if (over !== undefined) return over;
    const { kind, subject, attribute } = old.record;
    const about = { kind, subject, ...(attribute === undefined ? {} : { attribute }) };
    return entered(memory, {
      text: said,
      options: { ...about, ...options, namespace: old.namespace },
      supersedes: [old.id],
    });
  });
}

export function memoryRetractVerb(
  context: VerbContext,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<Answer> {
  return changingMemory(context, async (memory) => {
    const found = findMemory(id, memory.records);
    if (!found.ok) return found.refusal;
    const { namespace, record, id: wrong, standing } = found.memory;
    const text = `${wrong} was wrong: ${reason}`;
    const before = saidBefore(memory, found.memory, text);
    if (before !== undefined) return before;
    if (standing.kind === "retracted") {
      const hint = `fettle memory show ${standing.by}   says why`;
      return refused("refused", `${wrong} is retracted already`, hint);
    }
    return entered(memory, {
      text,
      options: { kind: record.kind, subject: record.subject, namespace },
      retracts: [wrong],
    });
  });
}

/** Asked for once more, in the words of the record that says it, it is no mistake. */
function saidBefore(
  { records }: Pick<SeenMemory, "records">,
  { id, standing }: KnownMemory,
  text: string,
): Answer | undefined {
  if (standing.kind !== "superseded" && standing.kind !== "retracted") return undefined;
  const by = records.find((memory) => memory.id === standing.by);
  if (by?.text !== text) return undefined;
  const json = { id: by.id, path: by.path };
  return { exit: "ok", text: `${id} is ${standing.kind} by ${by.id} already\n`, json };
}

/** What is not in force any more is not replaced: the record that is should be. */
function whyOver({ id, standing }: KnownMemory): Answer | undefined {
  if (standing.kind !== "superseded" && standing.kind !== "retracted") return undefined;
  const message = `${id} is ${standing.kind} by ${standing.by} already`;
  return refused("refused", message, `fettle memory supersede ${standing.by} "…"`);
}
