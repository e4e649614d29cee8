import { expect, test } from "vitest";
import { keptApproval, keptResult } from "#runner/core/earlier-run.ts";
import type { Earlier } from "#runner/core/model.ts";
import type { GateDecision } from "#runner/schema/types.gen.ts";
import { agent, gateStep, mailer, NOW, openRun, pipeline, step } from "../support/core-builders.ts";
import { ADA, attempt, BLOB, cite } from "../support/core-records.ts";

const OF = pipeline([
  step("find"),
  step("draft", { with: { found: "${{ steps.find.outputs }}" } }),
  gateStep("review", { draft: "${{ steps.draft.outputs }}" }),
]);
const DRAFTER = agent("draft");
const UNIT = { step: step("draft"), agent: DRAFTER, item: null, scope: {} };
const INPUTS = { found: 1 };
const DRAFT = attempt("draft", { agentTree: DRAFTER.tree, inputs: cite(INPUTS) });

function runAfter(changes: Partial<Earlier> = {}): ReturnType<typeof openRun> {
  const run = "chase.bbbbbbbbbbbb";
  const nothing = { from: null, hasSameBase: true, attempts: [DRAFT], decisions: [], waits: [] };
  return { ...openRun(OF), earlier: { run, ...nothing, ...changes } };
}

test("the result of the same agent with the same inputs is kept", () => {
  expect(keptResult(runAfter(), UNIT, INPUTS)).toBe(DRAFT);
});

test.each<[string, Partial<Earlier>]>([
  ["it failed", { attempts: [{ ...DRAFT, outcome: "crashed" }] }],
  ["another version of the agent made it", { attempts: [{ ...DRAFT, agentTree: BLOB }] }],
  ["it was made from something else", { attempts: [{ ...DRAFT, inputs: cite({ found: 2 }) }] }],
  ["it is another item's", { attempts: [{ ...DRAFT, item: "INV-1" }] }],
  ["everything from there on is to be done anew", { from: "draft" }],
  ["everything from a step before it on is", { from: "find" }],
])("a result is not kept when %s", (_, changes) => {
  expect(keptResult(runAfter(changes), UNIT, INPUTS)).toBeUndefined();
});

test.each([
  ["reads files", agent("draft", { reads: ["**"] })],
  ["remembers", agent("draft", { memory: { recall: "tone" } })],
  ["reads the history", agent("draft", { history: ["commits"] })],
])("with other files, the result of an agent that %s is not kept", (_, version) => {
  const unit = { ...UNIT, agent: version };

  expect(keptResult(runAfter({ hasSameBase: true }), unit, INPUTS)).toBe(DRAFT);
  expect(keptResult(runAfter({ hasSameBase: false }), unit, INPUTS)).toBeUndefined();
});

test("an external effect is never taken over: its receipts say whether it happened", () => {
  const sender = mailer();
  const attempts = [{ ...DRAFT, agentTree: sender.tree }];

  expect(keptResult(runAfter({ attempts }), { ...UNIT, agent: sender }, INPUTS)).toBeUndefined();
});

const APPROVED: GateDecision = {
  run: "chase.bbbbbbbbbbbb",
  step: "review",
  gate: "chase-1",
  decision: "approved",
  by: ADA,
  via: "merge",
  reason: "merged",
  commit: BLOB,
  at: NOW,
  risk: 70,
  items: (["a", "b", "c"] as const).map((key) => ({
    show: "draft",
    key,
    step: "draft",
    digest: cite(key).digest,
    decision: key === "c" ? "rejected" : "approved",
    blob: BLOB,
    input: null,
    outputs: cite(key),
  })),
  files: {},
};
const SHOWN = { digests: [cite("b").digest, cite("a").digest], operators: [ADA] };

test("an approval of what is shown again is kept", () => {
  expect(keptApproval(runAfter({ decisions: [APPROVED] }), "review", SHOWN)).toBe(APPROVED);
});

test.each<[string, Partial<Earlier>, Partial<typeof SHOWN>]>([
  ["less is shown", {}, { digests: [cite("a").digest] }],
  ["more is shown", {}, { digests: [...SHOWN.digests, cite("d").digest] }],
  ["what was rejected is shown", {}, { digests: [...SHOWN.digests, cite("c").digest] }],
  ["who approved is no operator any more", {}, { operators: ["bob@northwind.example"] }],
  ["it was a rejection", { decisions: [{ ...APPROVED, decision: "rejected" }] }, {}],
  ["files were approved with it", { decisions: [{ ...APPROVED, files: { "a.md": BLOB } }] }, {}],
  ["everything from there on is to be done anew", { from: "draft" }, {}],
])("a person is asked again when %s", (_, changes, shown) => {
  const run = runAfter({ decisions: [APPROVED], ...changes });

  expect(keptApproval(run, "review", { ...SHOWN, ...shown })).toBeUndefined();
});
