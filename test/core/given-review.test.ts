import { expect, test } from "vitest";
import type { ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { givenReviews, staleWords } from "#runner/core/gate/given-review.ts";

const HEAD = "a".repeat(40);
const OLD = "b".repeat(40);
const OPERATORS = [{ email: "ada@northwind.example", login: "ada" }];

function review(more: Partial<ForgeReview>): ForgeReview {
  return { login: "ada", isBot: false, state: "approved", commit: OLD, at: "1", text: "", ...more };
}

test.each<[string, readonly ForgeReview[], readonly string[], number]>([
  ["an earlier commit is approved", [review({})], ["approved of another"], 1],
  ["it is approved anew", [review({}), review({ commit: HEAD })], ["approved"], 0],
  [
    "it is only remarked on since",
    [review({}), review({ state: "commented", commit: HEAD })],
    ["approved of another"],
    1,
  ],
  [
    "the approval is dismissed",
    [review({}), review({ state: "dismissed" })],
    ["dismissed of another"],
    0,
  ],
  [
    "changes are asked for since",
    [review({}), review({ state: "changes-requested" })],
    ["changes-requested of another"],
    0,
  ],
  ["a stranger approves", [review({ login: "eve" })], [], 0],
  ["a bot approves", [review({ isBot: true })], [], 0],
])(
  "Where %s, that is the word that counts, and what is stale is told.",
  (_, reviews, words, lines) => {
    const given = givenReviews({ head: HEAD, reviews }, OPERATORS);

    expect(given.map(({ state, isCurrent }) => state + (isCurrent ? "" : " of another"))).toEqual(
      words,
    );
    expect(staleWords(given, HEAD)).toHaveLength(lines);
  },
);
