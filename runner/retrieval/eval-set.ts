/** Questions with the records that answer them, to measure retrievers by. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";

export interface EvalQuestion {
  readonly id: string;
  readonly kind: string;
  /** `open`: seen while the ranker was tuned; `held-back`: not. */
  readonly half: string;
  readonly question: string;
  /** Ids of the records that answer it; none, where nothing does. */
  readonly evidence: readonly string[];
}

/** Questions that are put to the same records. */
export interface EvalGroup {
  readonly records: readonly StoredMemory[];
  readonly questions: readonly EvalQuestion[];
  /** Instant at which they are asked. */
  readonly asOf: string;
}

/** A record of records.jsonl. */
interface FixtureRecord {
  readonly id: string;
  readonly namespace: string;
  readonly kind: StoredMemory["record"]["kind"];
  readonly subject: string;
  readonly attribute?: string;
  readonly run?: string;
  readonly seq?: number;
  readonly actor?: string;
  readonly recordedAt: string;
  readonly confidence?: number;
  readonly supersedes?: readonly string[];
  readonly text: string;
}

/** Of a folder with records.jsonl and questions.jsonl. */
export function fixtureGroup(records: string, questions: string): EvalGroup {
  const stored = linesOf(records)
    .map((line): FixtureRecord => JSON.parse(line))
    .map(storedFixture)
    .toSorted(byPlace);
  return {
    records: stored,
    questions: linesOf(questions).map((line): EvalQuestion => JSON.parse(line)),
    asOf: stored.map(({ record }) => record.recordedAt ?? "").reduce((a, b) => (a > b ? a : b), ""),
  };
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function storedFixture(line: FixtureRecord): StoredMemory {
  const { id, namespace, kind, subject, attribute, run, seq, actor, text } = line;
  const { recordedAt, confidence, supersedes } = line;
  return {
    id,
    namespace,
    path:
      run === undefined
        ? `memory/${namespace}/${kind}/${id}.md`
        : `memory/${namespace}/${run}.jsonl`,
    blob: run ?? id,
    record: {
      kind,
      subject,
      recordedAt,
      ...(attribute !== undefined && { attribute }),
      ...(actor !== undefined && { source: { agent: actor } }),
      ...(confidence !== undefined && { confidence }),
      ...(supersedes !== undefined && { supersedes: [...supersedes] }),
    },
    text,
    ...(run !== undefined && { run }),
    ...(seq !== undefined && { seq }),
  };
}

function byPlace(a: StoredMemory, b: StoredMemory): number {
  return a.path === b.path ? (a.seq ?? 0) - (b.seq ?? 0) : a.path < b.path ? -1 : 1;
}
