/** `fettle memory consolidate`: several records that say nearly the same become one, on a branch that a person merges. */
import {
  clusterBranch,
  clustersToMerge,
  commonFields,
  type MemoryCluster,
} from "#runner/core/memory/memory-cluster.ts";
import { renderMemoryFile } from "#runner/core/memory/memory-file.ts";
import { waitingOf } from "#runner/core/memory/memory-groups.ts";
import { memoryPath } from "#runner/core/memory/memory-path.ts";
import { shortDigest } from "#runner/core/identifier.ts";
import { proposeBranch } from "#runner/loop/propose-branch.ts";
import { proposedMemory, readMemory } from "#runner/loop/memory-records.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { renderMemoryReview } from "#runner/report/memory-text.ts";
import { acting } from "./acting.ts";
import { memoryNow, seeingMemory, type KnownMemory, type SeenMemory } from "./seeing-memory.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function memoryConsolidateVerb(
  context: VerbContext,
  { yes }: { readonly yes: boolean },
): Promise<Answer> {
  if (!yes) return seeingMemory(context, null, (memory) => told(context, memory));
  return acting(context, async (engine, sight) => {
    const memory = await memoryNow(context, engine, sight);
    const clusters = await clustersOf(memory);
    if (clusters.length === 0) return told(context, memory);
    const branch = clusterBranch(clusters.map(({ sources }) => sources));
    const message = `Consolidate memory: ${clusters.length} for ${sum(clusters)} records\n`;
    const files = clusters.flatMap((cluster) => changesFor(cluster, memory.at));
    const made = await proposeBranch(engine, { main: memory.commit, branch, files, message });
    if (!made.ok) return refused(made.exit, made.message, made.hint);
    const text = `the branch ${branch} holds one record for each; its sources go with the merge\n  git diff main...${branch}\n  git merge ${branch}\n`;
    return { exit: "ok", text, json: { branch, commit: made.commit } };
  });
}

type Cluster = MemoryCluster<KnownMemory>;

/** Not those that wait at a gate, or were rejected at one. */
async function clustersOf({ records, sight, engine }: SeenMemory): Promise<readonly Cluster[]> {
  const active = records.filter(
    ({ standing, isPending }) => standing.kind === "active" && !isPending,
  );
  const { inventories } = sight.observed.summaries;
  const files = proposedMemory(sight.observed.summaries);
  return clustersToMerge(active, {
    refused: new Set([...inventories.values()].flatMap(({ refused: said }) => Object.keys(said))),
    waiting: waitingOf(await readMemory(engine.store.reader, files)),
  });
}

function sum(clusters: readonly Cluster[]): number {
  return clusters.reduce((total, { sources }) => total + sources.length, 0);
}

async function told(context: VerbContext, memory: SeenMemory): Promise<Answer> {
  const clusters = await clustersOf(memory);
  const items = clusters.map(({ sources, summary }) => ({
    what: `${sources.length} records about ${sources[0]?.record.subject ?? ""}`,
    lines: [...sources.map(({ id, text }) => `${id}: ${text}`), `as one: ${summary}`],
  }));
  const next = clusters.length === 0 ? "" : "fettle memory consolidate --yes   makes the branch\n";
  const text = `${renderMemoryReview(items, context.look)}${next}`;
  const json = {
    clusters: clusters.map(({ sources, summary }) => ({
      ids: sources.map(({ id }) => id),
      summary,
    })),
  };
  return { exit: "ok", text, json };
}

/** The summary with its evidence, and its sources gone; what they replaced is replaced by it. */
function changesFor({ sources, summary }: Cluster, at: string): readonly FileChange[] {
  const [first] = sources;
  if (first === undefined) return [];
  const { namespace, record } = first;
  const { kind, subject } = record;
  const common = commonFields(sources);
  const ids = sources.map(({ id }) => id);
  const id = `mem_${shortDigest([namespace, kind, subject, ids], 16)}`;
  const own = new Set(ids);
  const replaced = (key: "supersedes" | "retracts"): string[] =>
    [...new Set(sources.flatMap((source) => source.record[key] ?? []))].filter(
      (other) => !own.has(other),
    );
  const [supersedes, retracts] = [replaced("supersedes"), replaced("retracts")];
  const isOutside = sources.some((source) => source.record.trust === "external");
  const file = renderMemoryFile(
    {
      id,
      kind,
      subject,
      ...common,
      source: { evidence: ids },
      trust: isOutside ? "external" : "operator",
      recordedAt: at,
      ...(supersedes.length === 0 ? {} : { supersedes }),
      ...(retracts.length === 0 ? {} : { retracts }),
    },
    summary,
  );
  const path = memoryPath({ namespace, kind, subject, ...common, at, id });
  return [
    { path, content: file },
    ...sources.map((source): FileChange => ({ path: source.path, delete: true })),
  ];
}
