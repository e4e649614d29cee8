import { expect, test } from "vitest";
import type { ForgeFacts, ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { forgeWord } from "#runner/core/forge/forge-word.ts";

const HEAD = "a".repeat(40);
const operators = [{ email: "ada@northwind.example", login: "Ada" }];
const ada = { login: "ada", isBot: false };
const bot = { login: "fettle[bot]", isBot: true };

const approved: ForgeReview = { ...ada, state: "approved", commit: HEAD, at: "1", text: "" };

function merged(more: Partial<ForgeFacts>): ForgeFacts {
  const nothing = { closedBy: null, reviews: [], mergeable: null, draft: false };
  return { ...nothing, state: "merged", mergedBy: ada, ...more };
}

function mergerOf(facts: ForgeFacts, isOnMain: boolean | null = true): string | null {
  return forgeWord({ facts, head: HEAD, isOnMain }, operators).mergedBy?.login ?? null;
}

test("Who merged has brought what stands on main, as long as it is that.", () => {
  expect(mergerOf(merged({}))).toBe("ada");
  expect(mergerOf(merged({}), false)).toBeNull();
});

test.each<[string, readonly ForgeReview[], string]>([
  ["nobody's approval", [], "fettle[bot]"],
  ["an operator's approval of this commit", [approved], "ada"],
  [
    "an operator's approval of another commit",
    [{ ...approved, commit: "b".repeat(40) }],
    "fettle[bot]",
  ],
  ["a stranger's approval", [{ ...approved, login: "eve" }], "fettle[bot]"],
  ["another bot's approval", [{ ...approved, isBot: true }], "fettle[bot]"],
  ["a remark after the approval", [approved, { ...approved, state: "commented" }], "ada"],
  [
    "an objection after the approval",
    [approved, { ...approved, state: "changes-requested" }],
    "fettle[bot]",
  ],
  [
    "an approval that was dismissed",
    [approved, { ...approved, state: "dismissed" }],
    "fettle[bot]",
  ],
])("A bot's merge with %s is by %3$s.", (_, reviews, by) => {
  expect(mergerOf(merged({ mergedBy: bot, reviews }))).toBe(by);
});
