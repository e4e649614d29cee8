/** Results that other runs may take over: `cache: true`. */
import type { Agent, AgentStep, AttemptRecord, CachedResult } from "#runner/schema/types.gen.ts";

/** What is kept of an attempt; null where nothing may be taken over, or all was taken over already. */
export function cachedResult(step: AgentStep, attempt: AttemptRecord): CachedResult | null {
  const { key, run, item, agent, rung, rationale, outputs, finishedAt } = attempt;
  const isOwn = attempt.outcome === "succeeded" && attempt.keptFrom === undefined;
  // What a lower rung gave would keep a better one from being asked.
  if (attempt.degraded !== undefined) return null;
  if (step.cache !== true || !isOwn || outputs === null || finishedAt === null) return null;
  const made = { run, step: step.id, item, attempt: attempt.attempt, agent };
  return { key, ...made, rung, rationale, outputs, at: finishedAt };
}

/** Why outputs alone are not all that an agent leaves behind, or depends on; null when they are. */
export function whyUncachable({ effects, writes, memory, history }: Agent): string | null {
  if (effects === "external") return "acts on the outside world";
  if ((writes ?? []).length > 0) return "writes files";
  if ((memory?.writes ?? []).length > 0) return "writes memory";
  return (history ?? []).length > 0 ? "looks at the history" : null;
}
