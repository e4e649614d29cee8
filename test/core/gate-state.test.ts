import { expect, test } from "vitest";
import type { GateFacts } from "#runner/core/model.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { NOW } from "../support/core-builders.ts";
import { ADA, BLOB, MAIN, says } from "../support/core-records.ts";
import { item, stateOf, type Situation } from "../support/gate-situation.ts";

type OnMain = NonNullable<GateFacts["onMain"]>;

const EARLIER = "2026-11-22T09:59:59.999Z";
const HEAD = "c".repeat(40);
const EVE = "eve@elsewhere.example";

const rejection: Extract<RequestRecord, { kind: "reject" }> = {
  id: "r1",
  kind: "reject",
  gate: "chase-1",
  by: ADA,
  reason: "rude",
  at: NOW,
};

function edited(text: string): OnMain["items"] {
  return new Map([[item.path, { blob: BLOB, outputs: { text }, problem: null }]]);
}

function broken(): OnMain["items"] {
  return new Map([[item.path, { blob: BLOB, outputs: null, problem: "subject is missing" }]]);
}

const expiring = { answerBy: NOW, onExpire: "reject" } as const;
const file = {
  path: "notes.md",
  content: item.outputs,
  blob: BLOB,
  was: null,
  bytes: 1,
};

test.each<[string, Situation, object]>([
  ["nothing has happened", {}, { kind: "open", doubt: null }],
  ["an operator merged it", { onMain: {} }, { kind: "approved", by: ADA, edited: false }],
  ["merged, its branch gone", { onMain: {}, branchHead: null }, { kind: "approved" }],
  ["edited and merged", { onMain: { items: edited("B") } }, { kind: "approved", edited: true }],
  ["an item deleted", { onMain: { items: new Map() } }, { kind: "approved", edited: true }],
  [
    "a file changed and merged",
    { record: { deliverables: [file] }, onMain: { deliverables: new Map([["notes.md", HEAD]]) } },
    { kind: "approved", edited: true },
  ],
  [
    "a stranger merged it",
    { onMain: { approver: EVE } },
    { kind: "open", doubt: { kind: "unproven", by: EVE, act: "approved" } },
  ],
  [
    "nobody can be told to have merged it",
    { onMain: { approver: null } },
    { kind: "open", doubt: { kind: "unproven", by: null } },
  ],
  [
    "the record of another plan was merged: a forged record",
    { onMain: { says: { ...says("approved"), planDigest: "sha256:2" } } },
    { kind: "stale", planDigest: "sha256:2" },
  ],
  ["a record that names no plan", { onMain: { says: says("approved") } }, { kind: "stale" }],
  [
    "an old record, of a gate that knows no plan",
    { planDigest: null, onMain: { says: says("approved") } },
    { kind: "approved" },
  ],
  [
    "the record says rejected",
    { onMain: { says: says("rejected", "too soon"), items: broken() } },
    { kind: "rejected", via: "merge", by: ADA, reason: "too soon", commit: MAIN },
  ],
  [
    "a stranger's record says rejected",
    { onMain: { says: says("rejected"), approver: EVE } },
    { kind: "open", doubt: { kind: "unproven" } },
  ],
  [
    "a record that asks for changes is merged",
    { onMain: { says: says("changes", "shorter") } },
    { kind: "changes-requested", by: ADA, via: "merge", note: "shorter", commit: MAIN },
  ],
  [
    "merged with an item that is not valid",
    { onMain: { items: broken() } },
    { kind: "needs-fix", problem: `${item.path}: subject is missing` },
  ],
  ["merged with no clear word", { onMain: { says: says("yes") } }, { kind: "needs-fix" }],
  ["a request rejects it", { rejection }, { kind: "rejected", via: "reject", request: "r1" }],
  [
    "a request asks for changes",
    { rejection: { ...rejection, retry: true } },
    { kind: "changes-requested", by: ADA, via: "reject", note: "rude", request: "r1" },
  ],
  [
    "approved before the request for changes",
    { rejection: { ...rejection, retry: true }, onMain: {} },
    { kind: "approved" },
  ],
  ["approved before the request", { rejection, onMain: {} }, { kind: "approved" }],
  [
    "a request rejects what a stranger merged",
    { rejection, onMain: { approver: EVE } },
    { kind: "rejected", via: "reject" },
  ],
  [
    "a request rejects what was taken back",
    { rejection, takenBack: { commit: HEAD, by: ADA } },
    { kind: "rejected" },
  ],
  [
    "merged and reverted before a tick saw it",
    { takenBack: { commit: HEAD, by: ADA }, branchHead: null, record: { absentSince: EARLIER } },
    { kind: "withdrawn", by: ADA, commit: HEAD },
  ],
  [
    "reverted by a stranger",
    { takenBack: { commit: HEAD, by: EVE }, branchHead: null, record: { absentSince: EARLIER } },
    { kind: "open", doubt: { kind: "unproven", by: EVE, act: "taken-back" } },
  ],
  [
    "its branch is missing",
    { branchHead: null },
    { kind: "open", doubt: { kind: "branch-missing" } },
  ],
  [
    "its branch was found missing by this very tick",
    { branchHead: null, record: { absentSince: NOW } },
    { kind: "open", doubt: { kind: "branch-missing" } },
  ],
  [
    "its branch is missing again",
    { branchHead: null, record: { absentSince: EARLIER } },
    { kind: "rejected", via: "branch-deleted" },
  ],
  ["its branch was force-pushed", { branchHead: HEAD }, { kind: "open", doubt: null }],
  [
    "somebody has remarked on what may go on by itself",
    { remarkedBy: ADA, record: { vetoUntil: NOW } },
    { kind: "open", doubt: { kind: "remarked", by: ADA } },
  ],
  ["somebody has remarked on what waits for an answer", { remarkedBy: ADA }, { doubt: null }],
  ["its time is over", { record: expiring }, { kind: "expired", answerBy: NOW }],
  [
    "its time is over, and it is kept",
    { record: { answerBy: NOW, onExpire: "keep" } },
    { kind: "open", doubt: null },
  ],
  ["merged in time, seen late", { record: expiring, onMain: {} }, { kind: "approved" }],
  [
    "changes are asked for on the branch",
    { branchHead: HEAD, onBranch: says("changes", "shorter") },
    { kind: "changes-requested", via: null, note: "shorter" },
  ],
  [
    "rejected on the branch and not merged: not yet the last word",
    { branchHead: HEAD, onBranch: says("rejected") },
    { kind: "open", doubt: null },
  ],
  [
    "main has changed the same file",
    { conflicts: ["notes.md"] },
    { kind: "conflicting", paths: ["notes.md"] },
  ],
])("%s", (_, situation, state) => {
  expect(stateOf(situation)).toMatchObject(state);
});
