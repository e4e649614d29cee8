/** The memory records that a step is given, and those that admission compares with. */
import type { AgentVersion, OpenRun } from "#runner/core/model.ts";
import { type Forgotten, NOTHING_FORGOTTEN } from "#runner/core/memory/memory-tombstone.ts";
import { tokensOf } from "#runner/core/memory/memory-budget.ts";
import type { MemoryCluster } from "#runner/core/memory/memory-cluster.ts";
import type { KnownMemory } from "#runner/core/memory/memory-judgement.ts";
import type { RecordKind, StoredMemory } from "#runner/core/memory/memory-file.ts";
import { indexInProcess } from "#runner/retrieval/in-process-index.ts";
import type { MemoryIndex } from "#runner/retrieval/memory-index.ts";
import { type Recalled, type RecallQuery, recallMemory } from "#runner/retrieval/recall.ts";
import type { InjectedMemory } from "#runner/runtimes/invocation.ts";
import { isMemoryPath } from "#runner/schema/memory-source.ts";
import type { AttemptMemory, RecalledRecord } from "#runner/schema/types.gen.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { View } from "./engine.ts";
import { mergeFor } from "./merge-for.ts";
import { pendingMemory, proposedMemory, readMemory } from "./memory-records.ts";
import { refusedIn } from "./refused-in.ts";
import { readForgotten } from "./tombstones.ts";
import { filesOfCommit } from "./run-files.ts";
import type { OpenedEmbedder } from "./open-embedder.ts";
import { searchedWith } from "./search-with.ts";

const ORG = "org";
const EVERY = "*";
/** What other projects have learnt; what they know and decided is their own. */
const REUSABLE: readonly RecordKind[] = ["template", "heuristic"];
const DEFAULT_LIMIT = 5;
const DEFAULT_TOKENS = 1500;

type AgentMemory = NonNullable<AgentVersion["manifest"]["memory"]>;

export interface RecallFor {
  readonly run: OpenRun;
  readonly agent: AgentVersion;
  /** Search words and subject. */
  readonly query: readonly string[];
  /** Of fettle.yaml, with what it may take; null: there is none. */
  readonly embedder: OpenedEmbedder | null;
}

export interface RecallResult {
  readonly recalled: readonly RecalledRecord[];
  /** What was asked, of what, and how much was given; empty where nothing was asked. */
  readonly asked: Pick<AttemptMemory, "query" | "ranker" | "tree" | "tokens" | "withoutVectors">;
  readonly injected: readonly InjectedMemory[];
  /** Of an agent that consolidates: what belongs together of what it was given. */
  readonly clusters: readonly MemoryCluster[];
  /** Records of the project's namespace. */
  readonly known: readonly KnownMemory[];
  readonly forgotten: Forgotten;
}

const NOTHING_ASKED = { recalled: [], injected: [], asked: {}, clusters: [] } as const;

/** Reads main, then what is pending; nothing is read for an agent that neither recalls nor writes. */
export async function recallFor(
  reader: ObjectReader,
  view: Pick<View, "observed" | "workspace">,
  { run, agent, query, embedder }: RecallFor,
): Promise<RecallResult> {
  const { memory } = agent.manifest;
  if (memory === undefined) return { ...NOTHING_ASKED, known: [], forgotten: NOTHING_FORGOTTEN };
  const { project, asOf } = run.record;
  const forgotten = await readForgotten(reader, view.workspace.commit);
  const namespaces = [project, ORG, ...(memory.namespaces ?? [])];
  const records = (await storedRecords(reader, view, namespaces)).filter(
    ({ id, namespace, record }) =>
      !forgotten.ids.has(id) &&
      (namespace === project || namespace === ORG || REUSABLE.includes(record.kind)),
  );
  const own = records.filter(({ namespace }) => namespace === project);
  const proposed = await proposedRecords(reader, view, project);
  const known = [...own, ...proposed];
  if (memory.consolidates === true) {
    const refused = refusedIn(view, project);
    const { clusters, recalled, tokens } = mergeFor(own, {
      asOf,
      refused,
      proposed,
      room: roomOf(memory),
    });
    const injected = clusters.flatMap(({ sources }) => sources).map(injectedMemory);
    const asked = { tree: await treeOf(reader, view), tokens };
    return { clusters, recalled, injected, asked, known, forgotten };
  }
  const [text = "", subject = ""] = query;
  if (text === "" && subject === "") return { ...NOTHING_ASKED, known, forgotten };
  const { found, ...by } = await foundIn(records, { text, subject, asOf }, { memory, embedder });
  return {
    clusters: [],
    asked: {
      query: { text, subject },
      ...by,
      tree: await treeOf(reader, view),
      tokens: tokensOf(found.map((one) => one.text)),
    },
    recalled: found.map(({ id, blob, score }) => ({ id, blob, score })),
    injected: found.map(injectedMemory),
    known,
    forgotten,
  };
}

interface Found {
  readonly found: readonly Recalled[];
  readonly ranker: string;
  readonly withoutVectors?: string;
}

async function foundIn(
  records: readonly StoredMemory[],
  asked: Pick<RecallQuery, "text" | "subject" | "asOf">,
  { memory, embedder }: { readonly memory: AgentMemory; readonly embedder: RecallFor["embedder"] },
): Promise<Found> {
  const index = indexOf(records);
  const namespaces = [...new Set(records.map(({ namespace }) => namespace))];
  const by = await searchedWith(index, embedder, { text: asked.text, namespaces });
  const { meaning, ranker, withoutVectors } = by;
  const found = await recallMemory(index, {
    ...asked,
    namespaces,
    ...(meaning !== undefined && { meaning }),
    ...roomOf(memory),
  });
  return { found, ranker, ...(withoutVectors !== null && { withoutVectors }) };
}

function roomOf({ limit = DEFAULT_LIMIT, tokens = DEFAULT_TOKENS }: AgentMemory): {
  readonly limit: number;
  readonly tokens: number;
} {
  return { limit, tokens };
}

async function treeOf(
  reader: ObjectReader,
  { workspace }: Pick<View, "workspace">,
): Promise<string | null> {
  return (await reader.treeAtPath(workspace.commit, "memory")) ?? null;
}

function injectedMemory({
  id,
  record,
  text,
}: Pick<Recalled, "id" | "record" | "text">): InjectedMemory {
  return {
    id,
    kind: record.kind,
    subject: record.subject,
    ...(record.attribute === undefined ? {} : { attribute: record.attribute }),
    text,
    trust: record.trust ?? "internal",
    confidence: record.confidence ?? 1,
    recordedAt: record.recordedAt ?? null,
  };
}

let latest: { readonly records: readonly StoredMemory[]; readonly index: MemoryIndex } | null =
  null;

/** The steps of a tick mostly see the same records. A tick never loads LanceDB: admission needs them all in memory anyway. */
function indexOf(records: readonly StoredMemory[]): MemoryIndex {
  const isSame =
    latest?.records.length === records.length &&
    records.every((record, at) => record === latest?.records[at]);
  if (latest !== null && isSame) return latest.index;
  latest = { records, index: indexInProcess(records) };
  return latest.index;
}

async function storedRecords(
  reader: ObjectReader,
  view: Pick<View, "observed" | "workspace">,
  namespaces: readonly string[],
): Promise<readonly StoredMemory[]> {
  const onMain = await filesOfCommit(reader, view.workspace.commit);
  const files = new Map([...onMain].map(([path, { oid }]) => [path, oid]));
  for (const [path, blob] of pendingMemory(view.observed.summaries)) files.set(path, blob);
  const wanted = [...files].filter(
    ([path]) =>
      isMemoryPath(path) &&
      (namespaces.includes(EVERY) || namespaces.includes(path.split("/")[1] ?? "")),
  );
  return readMemory(reader, wanted);
}

/** What waits for an operator is not told, but it is not proposed once more either. */
async function proposedRecords(
  reader: ObjectReader,
  { observed }: Pick<View, "observed">,
  project: string,
): Promise<readonly KnownMemory[]> {
  const records = await readMemory(reader, proposedMemory(observed.summaries));
  return records
    .filter(({ namespace }) => namespace === project)
    .map((record) => ({ ...record, isProposed: true }));
}
