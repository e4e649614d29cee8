/** Who was given a memory record and who cited it, as provenance tells; records themselves count nothing. */
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

export interface MemoryUse {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly agent: string;
  /** Instant. */
  readonly at: string;
  readonly cited: boolean;
  /** It told the record back without news. */
  readonly confirmed: boolean;
  readonly succeeded: boolean;
}

/** Uses by record id, oldest first. What was taken over from an earlier attempt was used there. */
export function memoryUses(
  attempts: readonly AttemptRecord[],
): ReadonlyMap<string, readonly MemoryUse[]> {
  const uses = attempts
    .filter(({ keptFrom }) => keptFrom === undefined)
    .flatMap((attempt) =>
      attempt.memory.recalled.map(({ id }) => ({ id, use: useOf(attempt, id) })),
    )
    .toSorted((a, b) => (a.use.at < b.use.at ? -1 : 1));
  const byId = Map.groupBy(uses, ({ id }) => id);
  return new Map([...byId].map(([id, found]) => [id, found.map(({ use }) => use)]));
}

function useOf(attempt: AttemptRecord, id: string): MemoryUse {
  const { run, step, item, agent, startedAt, finishedAt, outcome, memory } = attempt;
  return {
    run,
    step,
    item,
    agent,
    at: finishedAt ?? startedAt,
    cited: memory.cited?.includes(id) === true,
    confirmed: memory.confirmed?.includes(id) === true,
    succeeded: outcome === "succeeded",
  };
}
