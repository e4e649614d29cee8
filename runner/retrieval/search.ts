/** Search over an index: by words and subject, only what is in force, best first, and why. */
import { activeMemory } from "#runner/core/memory/memory-active.ts";
import type { RecordKind, StoredMemory } from "#runner/core/memory/memory-file.ts";
import { type Likeness, likenessIn } from "./likeness.ts";
import type { Meaning } from "./meaning.ts";
import type { MemoryIndex } from "./memory-index.ts";
import { type Question, questionOf, selectionsFor } from "./question.ts";
import { type Scored, Scorer, type Why } from "./rank.ts";
import type { Unit } from "./unit.ts";
import { WEIGHTS } from "./weights.ts";

export interface Search {
  /** May be empty when there is a subject. */
  readonly text: string;
  /** What it is about: counts for more than words. */
  readonly subject?: string;
  /** Instant: what is in force then, and how old it is. */
  readonly asOf: string;
  /** Records at most. */
  readonly limit: number;
  readonly filter: Filter;
  /** What the words mean, where an embedder says it. */
  readonly meaning?: Meaning;
}

export interface Filter {
  readonly namespaces?: readonly string[];
  readonly kinds?: readonly RecordKind[];
  /** This subject and what lies below it. */
  readonly below?: string;
  /** Instants: recorded from the first, and before the second. */
  readonly since?: string;
  readonly until?: string;
}

export interface Found {
  readonly memory: StoredMemory;
  /** Six decimals. */
  readonly score: number;
  readonly why: Why;
}

/** Enough to fill any answer several times over. */
const MOST_SCORED = 200;

/** The same records and search give the same answer, whichever index is asked. */
export async function searchMemory(index: MemoryIndex, search: Search): Promise<readonly Found[]> {
  const question = questionOf(search.text, search.subject ?? null, search.asOf);
  const ranked = await rankedFor(index, question, search);
  const changes = await index.changes();
  const found: Found[] = [];
  for (let from = 0; from < ranked.length && found.length < search.limit;) {
    const batch = ranked.slice(from, from + search.limit * 2);
    from += batch.length;
    const records = await index.records([...new Set(batch.map(({ unit }) => unit.path))]);
    const inForce = new Map(inForceAt(records, changes, search.asOf).map((one) => [one.id, one]));
    for (const { member, score, why } of batch) {
      const memory = inForce.get(member.id);
      if (memory !== undefined) found.push({ memory, score: rounded(score), why: spelled(why) });
    }
  }
  return found.slice(0, search.limit);
}

async function rankedFor(
  index: MemoryIndex,
  question: Question,
  { filter, meaning }: Pick<Search, "filter" | "meaning">,
): Promise<readonly Scored[]> {
  const namespaces = filter.namespaces ?? null;
  const statistics = index.statistics(namespaces);
  const scorer = new Scorer(question, statistics);
  const byWords = closest(await unitsFor(index, question, namespaces), scorer);
  const all =
    meaning === undefined
      ? byWords.flatMap((unit) => scorer.score(unit))
      : likened(byWords, scorer, await likenessIn(index, meaning));
  const scored = all.filter((one) => passes(one, filter));
  return newestAnswersFirst(scored).toSorted(
    (a, b) => rounded(b.score) - rounded(a.score) || (a.member.id < b.member.id ? -1 : 1),
  );
}

/** Of all scores by words the best is the measure of what likeness adds. */
function likened(
  byWords: readonly Unit[],
  scorer: Scorer,
  { of, nearest }: Likeness,
): readonly Scored[] {
  const units = new Map([...byWords, ...nearest].map((unit) => [unit.path, unit]));
  const scored = [...units.values()].flatMap((unit) => scorer.score(unit, of(unit.path)));
  const best = scored.reduce((max, { score, why }) => Math.max(max, score - why.subject), 0) || 1;
  return scored.map((one) => {
    const like = of(one.unit.path)[one.unit.members.indexOf(one.member)] ?? 0;
    const meaning = WEIGHTS.meaning * best * like;
    return { ...one, score: one.score + meaning, why: { ...one.why, meaning } };
  });
}

async function unitsFor(
  index: MemoryIndex,
  question: Question,
  namespaces: readonly string[] | null,
): Promise<readonly Unit[]> {
  const { of } = index.statistics(namespaces);
  for (const round of selectionsFor(question, (term) => of(term)[1])) {
    const found = await Promise.all(round.map((selection) => index.units(selection, namespaces)));
    const units = new Map(found.flat().map((unit) => [unit.path, unit]));
    if (units.size > 0) return [...units.values()];
  }
  return [];
}

/** The units that are most about the question, as far as their words alone tell. */
function closest(units: readonly Unit[], scorer: Scorer): readonly Unit[] {
  if (units.length <= MOST_SCORED) return units;
  return units
    .map((unit) => ({ unit, rough: rounded(scorer.rough(unit)) }))
    .toSorted((a, b) => b.rough - a.rough || (a.unit.path < b.unit.path ? -1 : 1))
    .slice(0, MOST_SCORED)
    .map(({ unit }) => unit);
}

function passes({ unit, member }: Scored, filter: Filter): boolean {
  const { namespaces, kinds, below } = filter;
  return (
    (namespaces?.includes(unit.namespace) ?? true) &&
    (kinds?.includes(member.kind) ?? true) &&
    (below === undefined || `${member.subject}/`.startsWith(`${below}/`)) &&
    isWithin(member.recordedAt, filter)
  );
}

function isWithin(recordedAt: string | null, { since, until }: Filter): boolean {
  if (recordedAt === null) return since === undefined && until === undefined;
  return recordedAt >= (since ?? "") && (until === undefined || recordedAt < until);
}

/** Of several answers to one question the newest counts in full, where nobody said that it replaces the others. */
function newestAnswersFirst(scored: readonly Scored[]): readonly Scored[] {
  const newest = new Map<string, string>();
  for (const one of scored) {
    const key = answers(one);
    const { recordedAt } = one.member;
    if (key === null || recordedAt === null) continue;
    if ((newest.get(key) ?? "") < recordedAt) newest.set(key, recordedAt);
  }
  return scored.map((one) => {
    const key = answers(one);
    const latest = key === null ? undefined : newest.get(key);
    if (latest === undefined || (one.member.recordedAt ?? "") >= latest) return one;
    const { boosts, subject } = one.why;
    const score = (one.score - subject) * WEIGHTS.olderAnswer + subject;
    return { ...one, score, why: { ...one.why, boosts: boosts * WEIGHTS.olderAnswer } };
  });
}

function answers({ unit, member }: Scored): string | null {
  const { subject, attribute } = member;
  return attribute === null ? null : [unit.namespace, subject, attribute].join("\0");
}

function inForceAt(
  records: readonly StoredMemory[],
  changes: readonly StoredMemory[],
  asOf: string,
): readonly StoredMemory[] {
  const found = new Set(records.map(({ id }) => id));
  const others = changes.filter(({ id }) => !found.has(id));
  return activeMemory([...records, ...others], asOf).filter(({ id }) => found.has(id));
}

function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}

function spelled(why: Why): Why {
  const { bm25, neighbours, run, coverage, boosts, subject, meaning } = why;
  return {
    bm25: rounded(bm25),
    neighbours: rounded(neighbours),
    run: rounded(run),
    coverage: rounded(coverage),
    boosts: rounded(boosts),
    subject: rounded(subject),
    ...(meaning !== undefined && { meaning: rounded(meaning) }),
  };
}
