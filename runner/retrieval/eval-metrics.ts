/** How good answers are: share of the evidence among the first, and how far in front it stands. */
import type { EvalQuestion } from "./eval-set.ts";

export interface Hit {
  readonly id: string;
  readonly score: number;
}

/** A question with what a retriever answered. */
export interface Answered {
  readonly question: EvalQuestion;
  readonly hits: readonly Hit[];
  readonly ms: number;
}

export interface Measures {
  /** With evidence. */
  readonly questions: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly recall25: number;
  readonly ndcg10: number;
}

export function measuresOf(answered: readonly Answered[]): Measures {
  const asked = answered.filter(({ question }) => question.evidence.length > 0);
  const mean = (of: (one: Answered) => number): number =>
    asked.reduce((sum, one) => sum + of(one), 0) / Math.max(asked.length, 1);
  return {
    questions: asked.length,
    recall5: mean((one) => recallAt(one, 5)),
    recall10: mean((one) => recallAt(one, 10)),
    recall25: mean((one) => recallAt(one, 25)),
    ndcg10: mean(ndcgAt10),
  };
}

/** Share of the evidence among the first `most`. */
function recallAt({ question, hits }: Answered, most: number): number {
  const found = new Set(hits.slice(0, most).map(({ id }) => id));
  const evidence = new Set(question.evidence);
  return evidence.intersection(found).size / evidence.size;
}

function ndcgAt10({ question, hits }: Answered): number {
  const evidence = new Set(question.evidence);
  const got = hits.slice(0, 10).map(({ id }, at) => (evidence.has(id) ? gain(at) : 0));
  const best = Array.from({ length: Math.min(evidence.size, 10) }, (_, at) => gain(at));
  return total(got) / total(best);
}

function gain(at: number): number {
  return 1 / Math.log2(at + 2);
}

/** How probable it is that a question with an answer scores higher than one without: 0.5 is chance. */
export function doubt(answered: readonly Answered[]): number | null {
  const top = ({ hits }: Answered): number => hits[0]?.score ?? 0;
  const known = answered.filter(({ question }) => question.evidence.length > 0).map(top);
  const unknown = answered.filter(({ question }) => question.evidence.length === 0).map(top);
  const pairs = known.length * unknown.length;
  if (pairs === 0) return null;
  const won = known.map((one) =>
    total(unknown.map((other) => (one > other ? 1 : one === other ? 0.5 : 0))),
  );
  return total(won) / pairs;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
