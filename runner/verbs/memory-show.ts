/** `fettle memory show`: one record with all that is known of it. */
import { explainMemory } from "#runner/core/explain/explain-memory.ts";
import { contradictions } from "#runner/core/memory/memory-contradiction.ts";
import { memoryUses } from "#runner/core/memory/memory-use.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { readTombstones } from "#runner/loop/tombstones.ts";
import { renderExplained } from "#runner/report/explain-text.ts";
import { attemptsOf, findMemory, seeingMemory, type KnownMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function memoryShowVerb(
  context: VerbContext,
  { id, asOf }: { readonly id: string; readonly asOf: string | null },
): Promise<Answer> {
  return seeingMemory(context, asOf, async ({ records, sight, engine, commit }) => {
    const found = findMemory(id, records);
    if (!found.ok) return (await whyGone(engine, commit, id)) ?? found.refusal;
    const { memory } = found;
    const uses = memoryUses(await attemptsOf(sight)).get(memory.id) ?? [];
    const contradicting = rivalsOf(memory, records);
    const explanation = explainMemory({ memory, uses, contradicting });
    const text = renderExplained(id, { kind: "explained", explanation }, context.look);
    return { exit: "ok", text, json: { ...memory, uses, contradicting } };
  });
}

/** What was forgotten is told as such, by its whole id. */
async function whyGone({ store }: Engine, commit: string, word: string): Promise<Answer | null> {
  const id = word.startsWith("mem_") ? word : `mem_${word}`;
  const tombstones = await readTombstones(store.reader, commit);
  const gone = tombstones.find((tombstone) => tombstone.id === id);
  if (gone === undefined) return null;
  const message = `${id} was forgotten on ${gone.at.slice(0, 10)} by ${gone.by}: ${gone.reason}`;
  return refused("usage", message, "nothing of what it said is kept");
}

function rivalsOf(memory: KnownMemory, records: readonly KnownMemory[]): readonly KnownMemory[] {
  const active = records.filter(({ standing }) => standing.kind === "active");
  const group = contradictions(active).find((those) => those.includes(memory)) ?? [];
  return group.filter((other) => other !== memory);
}
