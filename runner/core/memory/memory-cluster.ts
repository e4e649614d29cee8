/** Records that belong together: of one kind, about one subject, with many words in common. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import type { StoredMemory, StoredRecord } from "./memory-file.ts";
import { memoryDigest, overlapWith, saysTheSame } from "./memory-text.ts";

const ALIKE = 0.6;
const FEWEST = 2;
const LARGEST_BYTES = 4096;

export interface MemoryCluster<Memory extends StoredMemory = StoredMemory> {
  /** Oldest first. */
  readonly sources: readonly Memory[];
  /** What they say, as one text. */
  readonly summary: string;
  /** Of what they are and say. */
  readonly digest: string;
}

/** What operators have said of clusters, or will. */
export interface Heard {
  /** Digests of what they refused. */
  readonly refused: ReadonlySet<string>;
  /** Records that a proposal would supersede. */
  readonly waiting: ReadonlySet<string>;
}

/** Those that may be proposed: what was refused is left alone until one of its records changes. */
export function clustersToMerge<Memory extends StoredMemory>(
  active: readonly Memory[],
  { refused, waiting }: Heard,
): readonly MemoryCluster<Memory>[] {
  return memoryClusters(active).flatMap((sources) => {
    const summary = summaryOf(sources);
    const digest = clusterDigest(sources);
    if (summary === null || refused.has(digest)) return [];
    return sources.some(({ id }) => waiting.has(id)) ? [] : [{ sources, summary, digest }];
  });
}

function clusterDigest(sources: readonly StoredMemory[]): string {
  return digestOf({ merges: sources.map(({ id, text }) => [id, memoryDigest(text)]) });
}

/** What the one record has in common with all of them; it is as sure as the least sure one. */
export function commonFields(
  sources: readonly Pick<StoredMemory, "record">[],
): Pick<StoredRecord, "attribute" | "validFrom" | "validTo" | "confidence" | "tags"> {
  const { attribute, validFrom, validTo } = sources[0]?.record ?? {};
  const confidence = Math.min(...sources.map(({ record }) => record.confidence ?? 1));
  const tags = [...new Set(sources.flatMap(({ record }) => record.tags ?? []))];
  return {
    ...(attribute === undefined ? {} : { attribute }),
    ...(confidence === 1 ? {} : { confidence }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

/** Deterministic: the oldest record of a group, by path, draws the others to it. What is pinned, runs out by itself or was decided stays alone. */
export function memoryClusters<Memory extends StoredMemory>(
  active: readonly Memory[],
): readonly (readonly Memory[])[] {
  const free = active.filter(
    ({ record }) =>
      record.pinned !== true &&
      record.ttl === undefined &&
      record.kind !== "decision" &&
      record.kind !== "episode",
  );
  const groups = Map.groupBy(free, ({ namespace, record }) => {
    const { kind, subject, attribute, validFrom, validTo } = record;
    return JSON.stringify([namespace, kind, subject, attribute, validFrom, validTo]);
  });
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
