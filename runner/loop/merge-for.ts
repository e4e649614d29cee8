/** What a step is given that consolidates. */
import { clustersFor } from "#runner/core/memory/memory-groups.ts";
import { tokensOf } from "#runner/core/memory/memory-budget.ts";
import type { MemoryCluster } from "#runner/core/memory/memory-cluster.ts";
import type { RecalledRecord } from "#runner/schema/types.gen.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";

export interface Merging {
  readonly clusters: readonly MemoryCluster[];
  readonly recalled: readonly RecalledRecord[];
  readonly tokens: number;
}

/** All are told whole, in their order: none counts more than another. */
export function mergeFor(...asked: Parameters<typeof clustersFor>): Merging {
  const clusters = clustersFor(...asked);
  const told = clusters.flatMap(({ sources }) => sources);
  return {
    clusters,
    recalled: told.map(({ id, blob }) => ({ id, blob, score: 1 })),
    tokens: tokensOf(told.map(({ text }) => text)),
  };
}

/** The result of a step that consolidates where nothing belongs together: nobody need be asked. */
export function nothingToMerge({ clusters }: Pick<Invocation, "clusters">): Result | null {
  if (clusters === undefined || clusters.length > 0) return null;
  return {
    outcome: "noop",
    reason: "no records say nearly the same",
    outputs: { merged: [] },
    files: [],
    memory: [],
    rationale: "",
    rung: "none",
    ms: 0,
    started: false,
    log: "",
  };
}
