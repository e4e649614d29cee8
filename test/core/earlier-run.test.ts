import { expect, test } from "vitest";
import { keptApproval, keptResult } from "#runner/core/earlier-run.ts";
import type { Earlier, OpenRun } from "#runner/core/model.ts";
import type { GateDecision, Step } from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  mailer,
  NOW,
  openRun,
  pipeline,
  pipelineStep,
  step,
} from "../support/core-builders.ts";
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
  const now = openRun(OF);
  const { params } = now.record;
  const nothing = {
    children: [],
    from: null,
    hasSameBase: true,
    attempts: [DRAFT],
    decisions: [],
    waits: [],
  };
  return { ...now, earlier: { run, spec: now, params, ...nothing, ...changes } };
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

const SEND = step("send", { needs: ["review"], once: { key: "a" }, with: { to: "ann" } });
const WAY = [
  step("price"),
  step("draft"),
  gateStep("review", { draft: "${{ steps.draft.outputs }}" }, { needs: ["price"] }),
  step("wrap", { with: { at: "${{ steps.price.outputs }}", text: "${{ steps.check.outputs }}" } }),
  step("check"),
  SEND,
  pipelineStep("tell", "news", { needs: ["send", "wrap", "review"] }),
  step("aside"),
];
const AGENTS = ["price", "draft", "wrap", "check", "send", "aside", "tell"].map((name) =>
  agent(name, name === "send" ? { reads: ["**"] } : {}),
);
const NEWS = pipeline([step("tell")]);

function specWith(
  steps: readonly Step[] = WAY,
  { agents = AGENTS, news = NEWS }: { agents?: typeof AGENTS; news?: typeof NEWS } = {},
): OpenRun {
  return {
    ...openRun(pipeline(steps), { agents, attempts: [attempt("price"), attempt("draft")] }),
    pipelines: new Map([["news", news]]),
  };
}

function changed(id: string, by: object): readonly Step[] {
  return WAY.map((one) => (one.id === id ? { ...one, ...by } : one));
}

function newTree(name: string): typeof AGENTS {
  return AGENTS.map((version) => (version.name === name ? { ...version, tree: BLOB } : version));
}

function keptIn(now: OpenRun, changes: Partial<Earlier> = {}): GateDecision | undefined {
  const then = specWith();
  const { attempts } = then;
  const of = { run: APPROVED.run, from: null, spec: then, params: then.record.params };
  const rest = { children: [], hasSameBase: true, attempts, decisions: [APPROVED], waits: [] };
  return keptApproval({ ...now, earlier: { ...of, ...rest, ...changes } }, "review", SHOWN);
}

test.each<[string, OpenRun, Partial<Earlier>]>([
  ["nothing has changed", specWith(), {}],
  [
    "a step has changed that nothing after the gate needs",
    specWith(changed("aside", { if: "false" })),
    {},
  ],
])("an approval is kept when %s", (_, now, changes) => {
  expect(keptIn(now, changes)).toBe(APPROVED);
});

test.each<[string, OpenRun, Partial<Earlier>]>([
  ["a parameter has another value", specWith(), { params: { amount: 10 } }],
  ["what the earlier run was made with is not known", specWith(), { spec: null }],
  ["the gate asks something else", specWith(changed("review", { gate: "Pay all?" })), {}],
  [
    "a step after the gate is given something else",
    specWith(changed("send", { with: { to: "eve" } })),
    {},
  ],
  [
    "a step after the gate acts under another key",
    specWith(changed("send", { once: { key: "b" } })),
    {},
  ],
  ["a step is new after the gate", specWith([...WAY, step("more", { needs: ["send"] })]), {}],
  ["a step before the gate is made otherwise", specWith(changed("price", { with: { at: 2 } })), {}],
  [
    "a step beside the gate is, which a step after it needs",
    specWith(changed("check", { with: { at: 2 } })),
    {},
  ],
  [
    "the agent of a step after the gate is another version",
    specWith(WAY, { agents: newTree("send") }),
    {},
  ],
  [
    "a pipeline that is called after the gate has changed",
    specWith(WAY, { news: pipeline([step("tell", { with: { to: "all" } })]) }),
    {},
  ],
  [
    "an agent of such a pipeline is another version",
    specWith(WAY, { agents: newTree("tell") }),
    {},
  ],
  ["an agent after the gate reads files, and they are others", specWith(), { hasSameBase: false }],
  [
    "what a step before the gate gave is not shown, and is something else",
    specWith(),
    { attempts: [attempt("draft"), attempt("price", { outputs: cite({ price: 2 }) })] },
  ],
])("a person is asked again, whatever is shown, when %s", (_, now, changes) => {
  expect(keptIn(now, changes)).toBeUndefined();
});

test("what a run gave that was started before the gate and is not shown is in doubt", () => {
  const steps = [pipelineStep("ask", "news"), ...changed("review", { needs: ["price", "ask"] })];

  expect(keptIn(specWith(steps), { spec: specWith(steps) })).toBeUndefined();
});
