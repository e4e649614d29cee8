/** What the forge shows of a gate, as far as it is anybody's word on what stands there. */
import type { ForgeAccount, ForgeFacts, ForgeReview } from "./forge-facts.ts";
import { emailOfAccount } from "./operator-account.ts";
import type { Operator } from "#runner/schema/types.gen.ts";

type Operators = readonly Operator[];

/** A pull request, and what main holds of it. */
export interface ShownPull {
  readonly facts: ForgeFacts;
  /** Commit that was merged, or that the branch holds. */
  readonly head: string;
  /** What stands on main is what the pull request held when it was merged; null where nothing of it stands there. */
  readonly isOnMain: boolean | null;
}

/**
 * A merge is somebody's word only on what it brought: where main holds something else by now, git tells who brought that. Where
 * a bot has merged what an operator had approved, it did so in the operator's name.
 */
export function forgeWord({ facts, head, isOnMain }: ShownPull, operators: Operators): ForgeFacts {
  const { state, closedBy, reviews, mergeable, draft, mergedBy } = facts;
  const plain = { state, closedBy, reviews, mergeable, draft };
  if (state !== "merged" || mergedBy === null) return { ...plain, mergedBy };
  if (isOnMain === false) return { ...plain, mergedBy: null };
  return {
    ...plain,
    mergedBy: mergedBy.isBot ? (endorser(reviews, head, operators) ?? mergedBy) : mergedBy,
  };
}

/** The operator who approved exactly this, and whom no operator contradicts. */
function endorser(
  reviews: readonly ForgeReview[],
  head: string,
  operators: Operators,
): ForgeAccount | null {
  const last = new Map<string, ForgeReview>();
  for (const review of reviews) {
    const email = emailOfAccount(operators, review);
    if (email !== null && review.state !== "commented") last.set(email, review);
  }
  const words = [...last.values()];
  if (words.some(({ state }) => state === "changes-requested")) return null;
  const found = words.find(({ state, commit }) => state === "approved" && commit === head);
  return found === undefined ? null : { login: found.login, isBot: found.isBot };
}
