/** `fettle memory stats`: how much is remembered, and what of it is used. */
import { memoryStats } from "#runner/core/memory/memory-stats.ts";
import { memoryUses } from "#runner/core/memory/memory-use.ts";
import { renderMemoryStats } from "#runner/report/memory-text.ts";
import { attemptsOf, seeingMemory } from "./seeing-memory.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function memoryStatsVerb(context: VerbContext, asOf: string | null): Promise<Answer> {
  return seeingMemory(context, asOf, async ({ records, sight, commit }) => {
    const stats = memoryStats(records, memoryUses(await attemptsOf(sight)));
    return {
      exit: "ok",
      text: renderMemoryStats(stats, context.look),
      json: { commit, ...stats },
    };
  });
}
