import { expect, test } from "vitest";
import { withinBudget } from "#runner/core/memory/memory-budget.ts";

const LONG = "word ".repeat(40).trim();

test.each([
  ["as many as fit", ["one tea", "two cups"], { limit: 1, tokens: 100 }, ["one tea"]],
  ["a short one after one that is too long", [LONG, "tea"], { limit: 5, tokens: 10 }, ["tea"]],
  [
    "what reads nearly the same once",
    ["Acme pays net 14 from November.", "acme pays NET 14 from november", "They like tea."],
    { limit: 5, tokens: 100 },
    ["Acme pays net 14 from November.", "They like tea."],
  ],
  [
    "both of what differs in a negation",
    [`${LONG} they like to be called`, `${LONG} they like not to be called`],
    { limit: 5, tokens: 1000 },
    [`${LONG} they like to be called`, `${LONG} they like not to be called`],
  ],
  [
    "both of what differs in a number",
    ["Acme pays net 14.", "Acme pays net 30."],
    { limit: 5, tokens: 100 },
    ["Acme pays net 14.", "Acme pays net 30."],
  ],
])("an agent is told %s: %j", (_, texts, budget, expected) => {
  const told = withinBudget(
    texts.map((text) => ({ text })),
    budget,
  );

  expect(told.map(({ text }) => text)).toEqual(expected);
});
