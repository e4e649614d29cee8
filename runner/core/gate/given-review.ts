/** The last word of each operator in a review. */
import type { ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { emailOfAccount } from "#runner/core/forge/operator-account.ts";
import type { Operator } from "#runner/schema/types.gen.ts";

export interface GivenReview {
  /** E-mail. */
  readonly by: string;
  readonly state: Exclude<ForgeReview["state"], "commented">;
  readonly at: string;
  /** It is of what the branch holds. */
  readonly isCurrent: boolean;
}

interface Reviewed {
  /** Commit that the branch holds. */
  readonly head: string;
  /** Of those who may write; oldest first. */
  readonly reviews: readonly ForgeReview[];
}

/** What a review only remarks takes no word back. */
export function givenReviews(
  { head, reviews }: Reviewed,
  operators: readonly Operator[],
): readonly GivenReview[] {
  const last = new Map<string, GivenReview>();
  for (const review of reviews) {
    const by = emailOfAccount(operators, review);
    const { state, at, commit } = review;
    if (by !== null && state !== "commented") {
      last.set(by, { by, state, at, isCurrent: commit === head });
    }
  }
  return [...last.values()];
}

/** One line of Markdown for each that approves what does not stand there. */
export function staleWords(given: readonly GivenReview[], head: string): readonly string[] {
  return given
    .filter(({ state, isCurrent }) => state === "approved" && !isCurrent)
    .map(({ at, by }) => `- ${at} ${by}: ${STALE} \`${head}\`.`);
}

const STALE =
  "approved what does not stand here any more: nothing is merged for it. Review it anew; what stands here is";
