/** What is left of a grant after a part of it was taken. */
import type { GrantPlan } from "#runner/core/action.ts";
import type { Spend } from "./spend.ts";

export function grantAfter(
  grant: GrantPlan,
  taken: { readonly spend: Pick<Spend, "micros" | "tokens" | "requests"> } | null,
): GrantPlan {
  if (taken === null) return grant;
  const { micros, tokens, requests } = taken.spend;
  return {
    ...grant,
    micros: Math.max(grant.micros - micros, 0),
    tokens: grant.tokens === null ? null : Math.max(grant.tokens - tokens, 0),
    requests: grant.requests === null ? null : Math.max(grant.requests - requests, 0),
  };
}
