/** A search as the ranker reads it. */
import { wordsOf } from "#runner/core/memory/memory-text.ts";
import { termsOf } from "./analyzer.ts";
import { subjectQuery } from "./unit.ts";

export interface Question {
  /** Distinct, in an order of their own: sums of scores depend on it in the last digit. */
  readonly terms: readonly string[];
  readonly subject: string | null;
  /** Asks for a time. */
  readonly asksWhen: boolean;
  /** As they are written, to find who is named. */
  readonly words: ReadonlySet<string>;
  /** Instant from which age counts. */
  readonly asOf: string;
}

const WHEN =
  /\b(?:when|since|until|(?:what|which) (?:date|day|month|year|time|week|weekday|deadline|slot)|how long ago|by what|deadline|due|wann|seit|bis wann|welche[mnrs]? (?:tag|monat|jahr|datum))\b/iu;

export function questionOf(text: string, subject: string | null, asOf: string): Question {
  return {
    terms: [...new Set(termsOf(text))].toSorted(),
    subject: subject === "" ? null : subject,
    asksWhen: WHEN.test(text),
    words: new Set(wordsOf(text)),
    asOf,
  };
}

/** Which units are looked at: those with any of the terms, or with all of them. */
export interface Selection {
  readonly mode: "any" | "all";
  readonly terms: readonly string[];
}

/** More units are looked at only where a single term is that common. */
const MOST_UNITS = 500;
/** Then units that have the rarest term and one more are looked for first. */
const MOST_PAIRS = 4;

/**
 * The rarest terms first, as long as they stand in few enough units: what only shares common words comes last anyway.
 * It follows from counts alone, so that every index looks at the same units. A round of selections is for when the one before it finds nothing.
 */
export function selectionsFor(
  { terms, subject }: Question,
  unitsWith: (term: string) => number,
): readonly (readonly Selection[])[] {
  const known = terms.filter((term) => unitsWith(term) > 0);
  const rarest = known.toSorted((a, b) => unitsWith(a) - unitsWith(b) || (a < b ? -1 : 1));
  const marks = (subject === null ? [] : subjectQuery(subject)).filter(
    (mark) => unitsWith(mark) > 0,
  );
  const [first] = rarest;
  if (first === undefined) return marks.length === 0 ? [] : [[{ mode: "any", terms: marks }]];
  if (marks.length === 0 && unitsWith(first) > MOST_UNITS) {
    const pairs = rarest.slice(1, 1 + MOST_PAIRS);
    return [
      pairs.map((other): Selection => ({ mode: "all", terms: [first, other] })),
      [{ mode: "any", terms: [first] }],
    ];
  }
  const chosen = [first];
  let units = unitsWith(first);
  for (const term of rarest.slice(1)) {
    units += unitsWith(term);
    if (units > MOST_UNITS) break;
    chosen.push(term);
  }
  return [[{ mode: "any", terms: [...chosen, ...marks] }]];
}
