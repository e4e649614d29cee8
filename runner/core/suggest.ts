/** What a word of the operator's means among the names that there are. */

export interface Candidate {
  /** Its full name, which is never ambiguous. */
  readonly name: string;
  /** What else it is called. */
  readonly also?: readonly string[];
}

export type Meant<Named> =
  | { readonly kind: "found"; readonly found: Named }
  | { readonly kind: "ambiguous"; readonly names: readonly string[] }
  | { readonly kind: "unknown"; readonly closest: string | null };

/** The candidate of this full name, else the only one that is called so, else (`byStart`) the only one whose name begins so. */
export function findNamed<Named extends Candidate>(
  word: string,
  candidates: readonly Named[],
  { byStart = false }: { readonly byStart?: boolean } = {},
): Meant<Named> {
  const exact = candidates.find(({ name }) => name === word);
  if (exact !== undefined) return { kind: "found", found: exact };
  const called = candidates.filter(({ also = [] }) => also.includes(word));
  const begun = byStart ? candidates.filter(({ name }) => name.startsWith(word)) : [];
  const [first, ...others] = called.length > 0 ? called : begun;
  if (first === undefined) {
    const words = candidates.flatMap(({ name, also = [] }) => [name, ...also]);
    return { kind: "unknown", closest: closest(word, words) ?? null };
  }
  return others.length === 0
    ? { kind: "found", found: first }
    : { kind: "ambiguous", names: [first, ...others].map(({ name }) => name) };
}

/** The candidate nearest to a mistyped word, or nothing if none is near enough to be what was meant. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.ceil(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Optimal string alignment: inserted, deleted, replaced and swapped neighbouring letters count one each. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
