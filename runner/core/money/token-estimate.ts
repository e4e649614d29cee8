/** How many tokens a request may have, before the provider has counted them. */

/** One past request of a model. */
export interface CountedRequest {
  /** Of the request's body. */
  readonly bytes: number;
  /** As the provider counted, cached ones included. */
  readonly inputTokens: number;
}

/** Where nothing was counted yet: text in languages that take the most tokens, and code. */
const UNKNOWN = 2;
const FEWEST = 1.5;
const MOST = 4;
const CONSIDERED = 50;
/** Fewer requests say too little. */
const ENOUGH = 5;

/**
 * Bytes per token that nearly every request of the model had at least: the 5th percentile of the last 50, oldest first.
 * What was counted before it was enough can only lower the guess.
 */
export function bytesPerToken(counted: readonly CountedRequest[]): number {
  const ratios = counted
    .filter(({ bytes, inputTokens }) => bytes > 0 && inputTokens > 0)
    .slice(-CONSIDERED)
    .map(({ bytes, inputTokens }) => bytes / inputTokens)
    .toSorted((a, b) => a - b);
  // Rounded down: of 50 the third smallest, of fewer than 20 the smallest.
  const low = ratios[Math.floor(ratios.length * 0.05)];
  if (low === undefined) return UNKNOWN;
  const known = ratios.length < ENOUGH ? Math.min(low, UNKNOWN) : low;
  return Math.min(Math.max(known, FEWEST), MOST);
}
