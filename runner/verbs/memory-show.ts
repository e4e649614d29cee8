/** `fettle memory show`: one record with all that is known of it. */
import { explainMemory } from "#runner/core/explain-memory.ts";
import { contradictions } from "#runner/core/memory-contradiction.ts";
import { memoryUses } from "#runner/core/memory-use.ts";
import { renderExplained } from "#runner/report/explain-text.ts";
import { attemptsOf, findMemory, seeingMemory, type KnownMemory } from "./seeing-memory.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function memoryShowVerb(
  context: VerbContext,
  { id, asOf }: { readonly id: string; readonly asOf: string | null },
): Promise<Answer> {
  return seeingMemory(context, asOf, async ({ records, sight }) => {
    const found = findMemory(id, records);
    if (!found.ok) return found.refusal;
    const { memory } = found;
    const uses = memoryUses(await attemptsOf(sight)).get(memory.id) ?? [];
    const contradicting = rivalsOf(memory, records);
    const explanation = explainMemory({ memory, uses, contradicting });
    const text = renderExplained(id, { kind: "explained", explanation }, context.look);
    return { exit: "ok", text, json: { ...memory, uses, contradicting } };
  });
}

function rivalsOf(memory: KnownMemory, records: readonly KnownMemory[]): readonly KnownMemory[] {
  const active = records.filter(({ standing }) => standing.kind === "active");
  const group = contradictions(active).find((those) => those.includes(memory)) ?? [];
  return group.filter((other) => other !== memory);
}
