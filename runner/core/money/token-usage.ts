/** Tokens of model requests, in buckets that share nothing: each token is in one of them. */
export interface TokenUsage {
  readonly inFresh: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
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

export function sumOfTokens(usages: readonly TokenUsage[]): TokenUsage {
  return usages.reduce(
    (sum, usage) => ({
      inFresh: sum.inFresh + usage.inFresh,
      cacheRead: sum.cacheRead + usage.cacheRead,
      cacheWrite: sum.cacheWrite + usage.cacheWrite,
      outText: sum.outText + usage.outText,
      reasoning: sum.reasoning + usage.reasoning,
    }),
    NO_TOKENS,
  );
}

export function inputTokens({ inFresh, cacheRead, cacheWrite }: TokenUsage): number {
  return inFresh + cacheRead + cacheWrite;
}

export function outputTokens({ outText, reasoning }: TokenUsage): number {
  return outText + reasoning;
}

/** All buckets together. */
export function countOfTokens(usage: TokenUsage): number {
  return inputTokens(usage) + outputTokens(usage);
}
