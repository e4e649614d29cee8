/** Puts every question to every retriever. */
import { activeMemory } from "#runner/core/memory/memory-active.ts";
import { type Answered, doubt, type Measures, measuresOf, percentile } from "./eval-metrics.ts";
import type { EvalGroup } from "./eval-set.ts";
import type { Retriever } from "./retriever.ts";

export interface EvalRow {
  readonly retriever: string;
  readonly half: string;
  readonly all: Measures;
  readonly byKind: Readonly<Record<string, Measures>>;
  /** How often a question with an answer outscores one without; null where all have one. */
  readonly doubt: number | null;
  readonly ms: { readonly p50: number; readonly p95: number };
}

const MOST = 25;

/** A row for each half of the questions. */
export async function evaluate(
  retriever: Retriever,
  groups: readonly EvalGroup[],
): Promise<readonly EvalRow[]> {
  const answered: Answered[] = [];
  for (const group of groups) answered.push(...(await answersTo(retriever, group)));
  const halves = Map.groupBy(answered, ({ question }) => question.half);
  return [...halves].map(([half, ofHalf]) => {
    const kinds = Map.groupBy(ofHalf, ({ question }) => question.kind);
    const times = ofHalf.map(({ ms }) => ms);
    return {
      retriever: retriever.name,
      half,
      all: measuresOf(ofHalf),
      byKind: Object.fromEntries([...kinds].map(([kind, some]) => [kind, measuresOf(some)])),
      doubt: doubt(ofHalf),
      ms: { p50: percentile(times, 0.5), p95: percentile(times, 0.95) },
    };
  });
}

async function answersTo(retriever: Retriever, group: EvalGroup): Promise<readonly Answered[]> {
  const { records, questions, asOf } = group;
  const prepared = await retriever.prepare(activeMemory(records, asOf), asOf);
  const answered: Answered[] = [];
  try {
    for (const question of questions) {
      const began = performance.now();
      const hits = await prepared.ask(question.question, MOST);
      answered.push({ question, hits, ms: performance.now() - began });
    }
  } finally {
    await prepared.close();
  }
  return answered;
}
