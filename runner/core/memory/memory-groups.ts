/** Which clusters a step is given that consolidates. */
import { clustersToMerge, type Heard, type MemoryCluster } from "./memory-cluster.ts";
import { tokensOf } from "./memory-budget.ts";
import type { StoredMemory } from "./memory-file.ts";
import type { KnownMemory } from "./memory-judgement.ts";
import { standingsOf } from "./memory-standing.ts";

interface Room {
  /** Records. */
  readonly limit: number;
  readonly tokens: number;
}

interface Grouping extends Pick<Heard, "refused"> {
  /** Instant. */
  readonly asOf: string;
  /** What waits for an operator. */
  readonly proposed: readonly Pick<KnownMemory, "record">[];
  readonly room: Room;
}

/** Whole ones, as many as there is room for; one in any case, so that a large one has its turn. */
export function clustersFor(
  records: readonly StoredMemory[],
  { asOf, refused, proposed, room }: Grouping,
): readonly MemoryCluster[] {
  const standings = standingsOf(records, asOf);
  const active = records.filter((_, at) => standings[at]?.kind === "active");
  const clusters = clustersToMerge(active, { refused, waiting: waitingOf(proposed) });
  const fitting = clusters.findIndex((_, at) => isTooMuch(clusters.slice(0, at + 1), room));
  return fitting === -1 ? clusters : clusters.slice(0, Math.max(fitting, 1));
}

/** Records that something proposed would supersede. */
export function waitingOf(proposed: readonly Pick<KnownMemory, "record">[]): ReadonlySet<string> {
  return new Set(proposed.flatMap(({ record }) => record.supersedes ?? []));
}

function isTooMuch(clusters: readonly MemoryCluster[], { limit, tokens }: Room): boolean {
  const told = clusters.flatMap(({ sources }) => sources);
  return told.length > limit || tokensOf(told.map(({ text }) => text)) > tokens;
}
