/** Tokens of one or more model requests, in buckets that do not overlap. */

export interface TokenUsage {
  /** Input that was neither read from nor written to the provider's cache. */
  readonly inFresh: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Output that is no reasoning. */
  readonly outText: number;
  readonly reasoning: number;
}

export const NO_TOKENS: TokenUsage = {
  inFresh: 0,
  cacheRead: 0,
  cacheWrite: 0,
  outText: 0,
  reasoning: 0,
};

export function addTokens(one: TokenUsage, other: TokenUsage): TokenUsage {
  return {
    inFresh: one.inFresh + other.inFresh,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    outText: one.outText + other.outText,
    reasoning: one.reasoning + other.reasoning,
  };
}

/** All that was sent, cached or not: what tiers of prices are chosen by. */
export function inputTokens({ inFresh, cacheRead, cacheWrite }: TokenUsage): number {
  return inFresh + cacheRead + cacheWrite;
}
