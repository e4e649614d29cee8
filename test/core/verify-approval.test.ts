import { expect, test } from "vitest";
import {
  type Approval,
  type ApprovalFacts,
  approvalProblems,
} from "#runner/core/verify/verify-approval.ts";

const CITED = { digest: "sha256:out", month: "2026-11" };
const ITEM = {
  show: "mails",
  key: "ada",
  step: "draft",
  digest: "sha256:item",
  input: null,
  outputs: CITED,
};

const APPROVAL: Approval = {
  where: "commit:path",
  gate: {
    id: "mail-1",
    run: "mail.000000000000",
    project: "shop",
    pipeline: "mail",
    step: "review",
    title: "Send",
    branch: "fettle/gate/mail-1",
    head: "1".repeat(40),
    folder: "memory/shop/decisions/mail-1",
    openedAt: "2026-11-22T09:00:00.000Z",
    answerBy: null,
    onExpire: "keep",
    risk: { score: 80, factors: [] },
    items: [{ ...ITEM, path: "ada.yaml" }],
    deliverables: [],
    claims: [],
    costMicros: 0,
    absentSince: null,
  },
  decision: {
    run: "mail.000000000000",
    step: "review",
    gate: "mail-1",
    decision: "approved",
    by: "ada@northwind.example",
    via: "merge",
    reason: "merged",
    commit: "2".repeat(40),
    at: "2026-11-22T10:00:00.000Z",
    risk: 80,
    items: [{ ...ITEM, decision: "approved", blob: "b1" }],
    files: { "notes.md": "b2" },
  },
};

const FACTS: ApprovalFacts = {
  blobs: new Map([
    ["ada.yaml", "b1"],
    ["notes.md", "b2"],
  ]),
  decision: "approved",
  outputs: new Map([["ada.yaml", CITED.digest]]),
  operators: ["ada@northwind.example"],
};

test("an approval that main holds has no problem", () => {
  expect(approvalProblems(APPROVAL, FACTS)).toEqual([]);
});

test.each<readonly [string, Partial<ApprovalFacts>]>([
  ["the record says something else", { decision: "rejected" }],
  ["somebody else approved", { operators: ["bob@northwind.example"] }],
  [
    "a file is another one",
    {
      blobs: new Map([
        ["ada.yaml", "b1"],
        ["notes.md", "b9"],
      ]),
    },
  ],
  [
    "an item is another one",
    {
      blobs: new Map([
        ["ada.yaml", "b9"],
        ["notes.md", "b2"],
      ]),
    },
  ],
  ["an item is gone", { blobs: new Map([["notes.md", "b2"]]) }],
  ["other content went on", { outputs: new Map([["ada.yaml", "sha256:other"]]) }],
])("%s: one problem", (_, facts) => {
  expect(approvalProblems(APPROVAL, { ...FACTS, ...facts })).toHaveLength(1);
});

test("an item that was shown and not decided is a problem", () => {
  const decision = { ...APPROVAL.decision, items: [] };

  expect(approvalProblems({ ...APPROVAL, decision }, FACTS)).toHaveLength(1);
});

test("where the settings were not valid at that commit, nobody can be told from an operator", () => {
  expect(approvalProblems(APPROVAL, { ...FACTS, operators: null })).toEqual([]);
});
