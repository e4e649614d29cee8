import { expect, test } from "vitest";
import type { ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { NOW } from "../support/core-builders.ts";
import { ADA, MAIN } from "../support/core-records.ts";
import { stateOf, type Situation } from "../support/gate-situation.ts";

const EARLIER = "2026-11-22T09:59:59.999Z";
const HEAD = "c".repeat(40);
const ada = { login: "Ada-Northwind", isBot: false };
const eve = { login: "eve", isBot: false };
const bot = { login: "ada-northwind", isBot: true };

function review(changes: Partial<ForgeReview>): ForgeReview {
  return { ...ada, state: "approved", commit: MAIN, at: NOW, text: "", ...changes };
}

test.each<[string, Situation, object]>([
  [
    "merged there by an operator, whoever git names",
    { onMain: { approver: "noreply@github.com" }, forge: { state: "merged", mergedBy: ada } },
    { kind: "approved", by: ADA },
  ],
  [
    "merged there by a bot with an operator's commit",
    { onMain: {}, forge: { state: "merged", mergedBy: bot } },
    { kind: "open", doubt: { kind: "unproven", by: "ada-northwind" } },
  ],
  [
    "merged there by a stranger with an operator's commit",
    { onMain: {}, forge: { state: "merged", mergedBy: eve } },
    { kind: "open", doubt: { kind: "unproven", by: "eve" } },
  ],
  ["merged by git while it is open there", { onMain: {}, forge: {} }, { kind: "approved" }],
  [
    "merged there, not on main yet",
    { forge: { state: "merged", mergedBy: ada } },
    { kind: "open", doubt: { kind: "merged-unseen" } },
  ],
  [
    "merged there, its branch gone before main was seen",
    { forge: { state: "merged" }, branchHead: null, record: { absentSince: EARLIER } },
    { kind: "open" },
  ],
  [
    "merged there and taken back",
    { forge: { state: "merged", mergedBy: ada }, takenBack: { commit: HEAD, by: ADA } },
    { kind: "withdrawn" },
  ],
  [
    "closed by an operator",
    { forge: { state: "closed", closedBy: ada } },
    { kind: "rejected", by: ADA, via: "closed" },
  ],
  [
    "closed by a bot",
    { forge: { state: "closed", closedBy: bot } },
    { kind: "open", doubt: { kind: "closed" } },
  ],
  [
    "closed by a stranger, its branch deleted",
    {
      forge: { state: "closed", closedBy: eve },
      branchHead: null,
      record: { absentSince: EARLIER },
    },
    { kind: "open", doubt: { kind: "closed", by: "eve" } },
  ],
  [
    "closed by nobody knows",
    { forge: { state: "closed" } },
    { kind: "open", doubt: { kind: "closed", by: null } },
  ],
  [
    "closed, and on main",
    { forge: { state: "closed", closedBy: ada }, onMain: {} },
    { kind: "approved" },
  ],
  ["a draft", { forge: { draft: true } }, { kind: "open", doubt: { kind: "draft" } }],
  ["in conflict", { forge: { mergeable: false } }, { kind: "conflicting", paths: [] }],
  ["perhaps in conflict", { forge: { mergeable: null } }, { kind: "open", doubt: null }],
  [
    "approved in a review of what stands there",
    { forge: { reviews: [review({})] } },
    { kind: "open", doubt: { kind: "endorsed", by: ADA, head: MAIN } },
  ],
  [
    "approved in a review of something older",
    { forge: { reviews: [review({ commit: HEAD })] } },
    { kind: "open", doubt: null },
  ],
  ["approved by a stranger", { forge: { reviews: [review(eve)] } }, { kind: "open", doubt: null }],
  ["approved by a bot", { forge: { reviews: [review(bot)] } }, { kind: "open", doubt: null }],
  [
    "changes are asked for in a review, then remarked upon",
    {
      forge: {
        reviews: [
          review({ state: "changes-requested", text: "shorter" }),
          review({ state: "commented" }),
        ],
      },
    },
    { kind: "changes-requested", by: ADA, via: "review", note: "shorter" },
  ],
  [
    "changes were asked for, and it is approved since",
    { forge: { reviews: [review({ state: "changes-requested" }), review({})] } },
    { kind: "open", doubt: { kind: "endorsed" } },
  ],
  [
    "the asking for changes was dismissed",
    {
      forge: { reviews: [review({ state: "changes-requested" }), review({ state: "dismissed" })] },
    },
    { kind: "open", doubt: null },
  ],
  [
    "a stranger asks for changes",
    { forge: { reviews: [review({ ...eve, state: "changes-requested" })] } },
    { kind: "open", doubt: null },
  ],
  [
    "no pull request, its branch missing again",
    { forge: { state: "none" }, branchHead: null, record: { absentSince: EARLIER } },
    { kind: "rejected" },
  ],
])("%s", (_, situation, state) => {
  expect(stateOf(situation)).toMatchObject(state);
});
