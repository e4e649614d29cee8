/** Records that belong together: of one kind, about one subject, with many words in common. */
import { shortDigest } from "./identifier.ts";
import type { StoredMemory } from "./memory-file.ts";
import { overlapWith, saysTheSame } from "./memory-text.ts";

const ALIKE = 0.6;
const FEWEST = 2;
const LARGEST_BYTES = 4096;

/** Deterministic: the oldest record of a group, by path, draws the others to it. Pinned ones and answers to a question stay alone. */
export function memoryClusters<Memory extends StoredMemory>(
  active: readonly Memory[],
): readonly (readonly Memory[])[] {
  const free = active.filter(
    ({ record }) =>
      record.pinned !== true && record.kind !== "decision" && record.kind !== "episode",
  );
  const groups = Map.groupBy(free, ({ namespace, record: { kind, subject, attribute } }) =>
    JSON.stringify([namespace, kind, subject, attribute ?? ""]),
  );
  return [...groups.values()].flatMap((group) => clustersOf(group.toSorted(byAge)));
}

function byAge(a: StoredMemory, b: StoredMemory): number {
  const [one, other] = [a, b].map(({ record, path }) => `${record.recordedAt ?? ""}\0${path}`);
  return (one ?? "") < (other ?? "") ? -1 : 1;
}

function clustersOf<Memory extends StoredMemory>(sorted: readonly Memory[]): readonly Memory[][] {
  const clusters: Memory[][] = [];
  for (const memory of sorted) {
    const near = clusters.find(([first]) => first !== undefined && isAlike(first, memory));
    if (near === undefined) clusters.push([memory]);
    else near.push(memory);
  }
  return clusters.filter(({ length }) => length >= FEWEST);
}

function isAlike(a: StoredMemory, b: StoredMemory): boolean {
  return Math.max(overlapWith(a.text, b.text), overlapWith(b.text, a.text)) >= ALIKE;
}

/** The texts of a cluster as one: the newest first, what it says already left out. null: it would be too long. */
export function summaryOf(cluster: readonly StoredMemory[]): string | null {
  const texts: string[] = [];
  for (const { text } of cluster.toReversed()) {
    if (!texts.some((taken) => saysTheSame(taken, text))) texts.push(text.trim());
  }
  const [only = ""] = texts;
  const summary = texts.length === 1 ? only : texts.map((text) => `- ${text}`).join("\n");
  return new TextEncoder().encode(summary).length > LARGEST_BYTES ? null : summary;
}

/** Name of the branch that proposes the clusters: the same ones give the same. */
export function clusterBranch(clusters: readonly (readonly StoredMemory[])[]): string {
  return `memory/consolidate-${shortDigest(
    clusters.map((cluster) => cluster.map(({ id }) => id)),
    8,
  )}`;
}
