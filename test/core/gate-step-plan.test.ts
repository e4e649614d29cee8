import { expect, test } from "vitest";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { planGateStep } from "#runner/core/gate/gate-step-plan.ts";
import type { GateOpen, GateSettle } from "#runner/core/gate/gate-action.ts";
import type { Earlier, ObservedGate } from "#runner/core/model.ts";
import { nothingPlanned, type StepPlan } from "#runner/core/step-plan.ts";
import type {
  AttemptRecord,
  GateDecision,
  GateStep,
  Policy,
  RunRecord,
} from "#runner/schema/types.gen.ts";
import {
  agent,
  EMPTY,
  gateStep,
  mailer,
  NOW,
  openRun,
  pipeline,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, attempt, BLOB, cite, decided, openGate } from "../support/core-records.ts";

const items = [
  { key: "a", input: { id: 1 }, outcome: "succeeded", outputs: { text: "A" } },
  { key: "b", input: { id: 2 }, outcome: "succeeded", outputs: { text: "B" } },
];

interface Situation {
  readonly gate?: Partial<GateStep>;
  readonly items?: readonly object[];
  readonly outputs?: object;
  readonly refused?: readonly string[];
  readonly policy?: Policy;
  readonly attempts?: readonly AttemptRecord[];
  readonly decision?: Partial<GateDecision>;
  readonly values?: readonly unknown[];
  readonly gates?: ReadonlyMap<string, ObservedGate>;
  /** Who or what asked for the run; a goal unless it is said. */
  readonly run?: Partial<RunRecord>;
  readonly earlier?: Earlier;
  /** The step behind the gate reaches the outside world. */
  readonly isRisky?: boolean;
}

const BY_GOAL = { kind: "goal", goal: "none", value: 1, measurement: "m.aaaaaaaaaaaa" } as const;
const USUAL = { run: {}, isRisky: true, refused: [], attempts: [], values: [], gates: new Map() };

function planOf(situation: Situation): StepPlan {
  const {
    isRisky,
    refused,
    decision,
    attempts,
    values,
    gates,
    run: of,
  } = { ...USUAL, ...situation };
  const review = gateStep("review", { drafts: "${{ steps.draft.items }}" }, situation.gate);
  const last = step("send", { agent: isRisky ? "mailer" : "log", needs: ["review"] });
  const opened = openRun(pipeline([step("draft"), review, last]), {
    record: { trigger: BY_GOAL, ...of },
    agents: [mailer(), agent("log")],
    attempts,
    values,
    decisions: decision === undefined ? [] : [decided(decision)],
  });
  const { earlier } = situation;
  const run = earlier === undefined ? opened : { ...opened, earlier };
  const inventory = {
    project: "shop",
    owned: {},
    refused: Object.fromEntries(refused.map((one) => [one, ""])),
  };
  const summaries = { ...NO_SUMMARIES, inventories: new Map([["shop", inventory]]) };
  const settings = situation.policy === undefined ? {} : { policy: situation.policy };
  const context = runContext(run, {
    workspace: workspace([project()], { settings }),
    observed: { ...EMPTY, summaries, gates },
    planned: nothingPlanned(),
  });
  const draft = { items: situation.items ?? items, outputs: situation.outputs ?? {} };
  return planGateStep(context, review, { steps: { draft } });
}

function openedBy(situation: Situation): GateOpen | undefined {
  return planOf(situation).actions.find((action) => action.kind === "gate-open");
}

function settledBy(situation: Situation): GateSettle | undefined {
  return planOf(situation).actions.find((action) => action.kind === "gate-settle");
}

test("a gate shows the items that succeeded, with key, input and outputs", () => {
  const mixed = [
    ...items,
    { key: "c", input: {}, outcome: "auth", outputs: null },
    { key: "d", input: {}, outcome: "noop", outputs: {} },
  ];
  const open = openedBy({ items: mixed });

  expect(open?.items).toMatchObject([
    { show: "drafts", key: "a", step: "draft", input: { id: 1 }, outputs: { text: "A" } },
    { show: "drafts", key: "b", step: "draft", input: { id: 2 }, outputs: { text: "B" } },
  ]);
});

test("a gate's name follows from its run and step, its folder and branch from its name", () => {
  const open = openedBy({ gate: { answerBy: "2d", onExpire: "reject" } });

  expect(open?.gate.branch).toBe(`fettle/gate/${open?.gate.id ?? ""}`);
  expect(open?.gate.folder).toBe(`memory/shop/decisions/${open?.gate.id ?? ""}`);
  expect(open).toMatchObject({ answerWithinMs: 172_800_000, gate: { onExpire: "reject" } });
  expect(openedBy({})).toMatchObject({
    answerWithinMs: null,
    gate: { id: open?.gate.id, onExpire: "keep" },
  });
});

test("nothing to show: nobody is asked, and the empty list goes on", () => {
  expect(settledBy({ items: [] })).toMatchObject({
    decision: "skipped",
    via: "nothing-to-show",
    gate: null,
    items: [],
  });
  expect(planOf({ decision: { decision: "skipped" } }).end).toMatchObject({
    result: "done",
    value: { approved: { drafts: [] } },
  });
});

test.each<[string, NonNullable<GateStep["ask"]>, boolean, Policy]>([
  ["from autoBelow on", "risk", true, {}],
  ["when always is said", "always", false, {}],
  ["when never is said but the risk is too high", "never", true, { gateFrom: 40 }],
])("%s a person is asked", (_, ask, isRisky, policy) => {
  expect(openedBy({ gate: { ask }, isRisky, policy })).toBeDefined();
});

test.each<[string, NonNullable<GateStep["ask"]>, boolean]>([
  ["below autoBelow", "risk", false],
  ["when never is said", "never", true],
])("%s nobody is asked, and what was shown goes on", (_, ask, isRisky) => {
  expect(settledBy({ gate: { ask }, isRisky })).toMatchObject({
    decision: "not-asked",
    via: "policy",
    items: [
      { key: "a", decision: "approved", outputs: { kind: "value", value: { text: "A" } } },
      { key: "b" },
    ],
  });
});

function digestsOf(situation: Situation): readonly string[] {
  return (openedBy(situation)?.items ?? []).map(({ digest }) => digest);
}

test("what an operator refused is not shown again; what is new is", () => {
  const [first = "", second = ""] = digestsOf({});
  const changed = [{ ...items[0], outputs: { text: "A, please" } }];

  expect(digestsOf({ refused: [first] })).toEqual([second]);
  expect(digestsOf({ refused: [first], items: changed })).toHaveLength(1);
  expect(settledBy({ refused: [first, second] })).toMatchObject({
    decision: "skipped",
    reason: "everything was refused before; fettle run shop/chase   shows it again",
    items: [],
  });
});

const BY_HAND = { trigger: { kind: "manual", request: "1", by: ADA } } as const;

function triedFrom(from: string | null): Pick<Situation, "run" | "earlier"> {
  const run = "chase.bbbbbbbbbbbb";
  const nothing = { attempts: [], decisions: [], waits: [], children: [] };
  return {
    run: { ...BY_HAND, retryOf: { run, endedAt: NOW, from } },
    earlier: { run, from, spec: null, params: {}, hasSameBase: true, ...nothing },
  };
}

test.each<[string, Pick<Situation, "run" | "earlier">, number]>([
  ["is shown again in a run that a person asks for", { run: BY_HAND }, 2],
  ["is shown again in another try from the gate", triedFrom("review"), 2],
  ["is shown again in another try from a step before it", triedFrom("draft"), 2],
  ["is not shown again in another try of the rest", triedFrom(null), 1],
  ["is not shown again in another try from a later step", triedFrom("send"), 1],
])("what an operator refused %s", (_, by, count) => {
  const [first = ""] = digestsOf({});

  expect(digestsOf({ ...by, refused: [first] })).toHaveLength(count);
});

test("what was refused and is shown again is asked about whatever the risk", () => {
  const [first = ""] = digestsOf({});
  const calm = { run: BY_HAND, isRisky: false };

  expect(openedBy({ ...calm, refused: [first] })?.items).toHaveLength(2);
  expect(openedBy(calm)).toBeUndefined();
});

test("refused items are not let through when nobody is asked", () => {
  const [first = ""] = digestsOf({});

  expect(settledBy({ refused: [first], isRisky: false })?.items).toMatchObject([{ key: "b" }]);
});

const single = {
  gate: { show: { notes: "${{ steps.draft.outputs }}" } },
  outputs: { text: "Notes" },
};

test("a value is shown whole; refused before, it is rejected without asking", () => {
  const [item] = openedBy(single)?.items ?? [];
  expect(item).toMatchObject({ show: "notes", key: null, outputs: { text: "Notes" } });

  expect(settledBy({ ...single, refused: [item?.digest ?? ""] })).toMatchObject({
    decision: "rejected",
    via: "policy",
    reason: "notes was refused before; fettle run shop/chase   shows it again",
    items: [],
  });
});

test("a list whose keys are not texts is one value, so that no item hides behind it", () => {
  const list = [
    { key: null, outputs: 1 },
    { key: null, outputs: 2 },
  ];

  expect(openedBy({ items: list })?.items).toMatchObject([{ key: null, outputs: list }]);
});

function file(path: string, blob = BLOB): AttemptRecord["deliverables"][number] {
  return { path, content: cite(path), blob, was: null, bytes: 1 };
}

test("the files of what is shown are proposed and claimed, the newest for each path", () => {
  const attempts = [
    attempt("draft", { item: "a", deliverables: [file("a.md", "1".repeat(40))] }),
    attempt("draft", { item: "a", attempt: 2, deliverables: [file("a.md")] }),
    attempt("draft", { item: "c", deliverables: [file("c.md")] }),
    attempt("draft", { item: "b", outcome: "auth", deliverables: [file("b.md")] }),
    attempt("other", { deliverables: [file("other.md")] }),
  ];

  expect(openedBy({ attempts })?.gate).toMatchObject({
    deliverables: [file("a.md")],
    claims: ["a.md"],
  });
});

function withFile(blob: string): Situation {
  return { ...single, attempts: [attempt("draft", { deliverables: [file("notes.md", blob)] })] };
}

test("the files of refused items are not proposed again, files that differ are", () => {
  const refused = digestsOf(withFile(BLOB));

  expect(settledBy({ ...withFile(BLOB), refused })).toMatchObject({ decision: "rejected" });
  expect(openedBy({ ...withFile("2".repeat(40)), refused })).toBeDefined();
});

test("an expression without a value holds the gate", () => {
  expect(planOf({ gate: { show: { notes: "${{ steps.draft.outputs.none }}" } } })).toMatchObject({
    actions: [],
    holds: [{ reason: "expression" }],
  });
});

test("a gate that is open is decided, not opened again; one that is decided stays so", () => {
  const gates = new Map([["chase-1", openGate()]]);

  expect(planOf({ gates })).toMatchObject({
    actions: [],
    holds: [{ reason: "awaiting-approval" }],
  });
  expect(planOf({ gates, decision: { decision: "approved" } })).toMatchObject({
    actions: [],
    holds: [],
    end: { result: "done" },
  });
});

function decidedItem(
  key: string | null,
  changes: Partial<GateDecision["items"][number]> = {},
): GateDecision["items"][number] {
  return {
    show: "drafts",
    key,
    step: "draft",
    digest: cite(key).digest,
    decision: "approved",
    blob: BLOB,
    input: cite({ id: 1 }),
    outputs: cite({ text: "A" }),
    ...changes,
  };
}

const values = [{ id: 1 }, { text: "A" }, { text: "edited" }];

test("what goes on is what was approved, edits included, rejected items left out", () => {
  const made = [
    decidedItem("a"),
    decidedItem("b", { decision: "edited", outputs: cite({ text: "edited" }) }),
    decidedItem("c", { decision: "rejected" }),
  ];

  expect(planOf({ decision: { items: made }, values }).end?.value).toEqual({
    decision: "approved",
    approved: {
      drafts: [
        { key: "a", input: { id: 1 }, outcome: "succeeded", outputs: { text: "A" } },
        { key: "b", input: { id: 1 }, outcome: "succeeded", outputs: { text: "edited" } },
      ],
    },
  });
});

test("an approved value goes on whole", () => {
  const made = [decidedItem(null, { show: "notes", input: null })];

  expect(planOf({ ...single, decision: { items: made }, values }).end?.value).toMatchObject({
    approved: { notes: { text: "A" } },
  });
});

test.each([
  ["outputs", decidedItem("a", { outputs: cite("gone") })],
  ["input", decidedItem("a", { input: cite("gone") })],
])("approved content whose %s is not in this clone holds", (_, item) => {
  expect(planOf({ decision: { items: [item] }, values })).toMatchObject({
    end: null,
    holds: [{ reason: "payload-missing" }],
  });
});
