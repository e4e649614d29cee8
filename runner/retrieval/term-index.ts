/** BM25 over texts in memory. */
import { termsOf } from "./analyzer.ts";

export interface TermIndex {
  /** Score of every text, in their order; 0 where no term of the query occurs. */
  readonly scores: (query: string) => number[];
}

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

export function indexTexts(texts: readonly string[]): TermIndex {
  const documents = texts.map((text) => countsOf(termsOf(text)));
  const lengths = documents.map((counts) => counts.values().reduce((sum, count) => sum + count, 0));
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / Math.max(lengths.length, 1);
  const frequencies = countsOf(documents.flatMap((counts) => [...counts.keys()]));
  const rarity = (term: string): number => {
    const holding = frequencies.get(term) ?? 0;
    return Math.log(1 + (documents.length - holding + 0.5) / (holding + 0.5));
  };
  const weight = (count: number, length: number): number =>
    (count * (SATURATION + 1)) /
    (count + SATURATION * (1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * length) / Math.max(meanLength, 1)));
  return {
    scores: (query) => {
      const terms = [...new Set(termsOf(query))].toSorted();
      return documents.map((counts, at) =>
        terms.reduce(
          (sum, term) => sum + rarity(term) * weight(counts.get(term) ?? 0, lengths[at] ?? 0),
          0,
        ),
      );
    },
  };
}

function countsOf(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
