import { expect, test } from "vitest";
import { endorsedGates } from "#runner/core/gate/endorsed.ts";
import type { GateOpen, GateSettle } from "#runner/core/gate/gate-action.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import { planRun } from "#runner/core/run-plan.ts";
import type {
  AskStep,
  DecidedItem,
  GateDecision,
  GateRecord,
  Operator,
} from "#runner/schema/types.gen.ts";
import { NOW, openRun, pipeline, runContext, step } from "../support/core-builders.ts";
import {
  ADA,
  attempt,
  BLOB,
  cite,
  decided,
  gateItem,
  MAIN,
  openGate,
  says,
} from "../support/core-records.ts";

const TERMS: AskStep = {
  id: "terms",
  ask: "What may it cost for ${{ params.client }}?",
  form: {
    type: "object",
    required: ["amount", "tone"],
    properties: {
      amount: { type: "integer", minimum: 1 },
      tone: { type: "string", enum: ["warm", "firm"], default: "warm" },
      note: { type: "string" },
    },
  },
};
const ITEM = gateItem(null, { tone: "warm" }, { show: "answer", step: null });

interface Situation {
  readonly asks?: Partial<AskStep>;
  readonly gate?: ObservedGate;
  readonly decision?: Partial<GateDecision>;
  readonly values?: readonly unknown[];
}

function planOf({ asks, gate, decision, values = [] }: Situation): ReturnType<typeof planRun> {
  const of = pipeline([
    step("guess"),
    { ...TERMS, ...asks },
    step("write", { needs: ["terms"], with: { amount: "${{ steps.terms.outputs.amount }}" } }),
  ]);
  const outputs = { amount: 7 };
  const run = openRun(of, {
    record: { params: { client: "Acme" } },
    attempts: [attempt("guess", { outputs })],
    values: [outputs, ...values],
    decisions: decision === undefined ? [] : [decided({ step: "terms", ...decision })],
  });
  const context = runContext(run);
  const gates = new Map(gate === undefined ? [] : [[gate.record.id, gate]]);
  return planRun({ ...context, observed: { ...context.observed, gates } });
}

function opened(situation: Situation): GateOpen | undefined {
  return planOf(situation).actions.find((action) => action.kind === "gate-open");
}

function settled(situation: Situation): GateSettle | undefined {
  return planOf(situation).actions.find((action) => action.kind === "gate-settle");
}

/** A question that is open. */
function asked(
  record: Partial<GateRecord>,
  facts: Partial<ObservedGate["facts"]> = {},
): ObservedGate {
  return openGate({ step: "terms", asks: ["amount"], items: [ITEM], ...record }, facts);
}

type ItemOnMain = {
  readonly outputs: unknown;
  readonly problem: string | null;
  readonly at?: string;
};

function merged(item: ItemOnMain, approver: string = ADA): Partial<ObservedGate["facts"]> {
  const items = new Map([[ITEM.path, { blob: BLOB, ...item }]]);
  return {
    onMain: { commit: MAIN, approver, says: says("approved"), items, deliverables: new Map() },
  };
}

test("a question opens a gate with the form, what it begins with, and what must be answered", () => {
  const open = opened({ asks: { default: { note: "x" }, answerBy: "2d", onExpire: "reject" } });

  expect(open).toMatchObject({
    answerWithinMs: 172_800_000,
    items: [{ show: "answer", key: null, outputs: { tone: "warm", note: "x" } }],
    question: { text: "What may it cost for Acme?", about: "", form: TERMS.form },
    gate: {
      title: "What may it cost for Acme?",
      asks: ["amount"],
      onExpire: "reject",
      deliverables: [],
    },
  });
});

test("a default that an expression gives is what the form begins with, before the form's own", () => {
  const open = opened({
    asks: { default: { amount: "${{ steps.guess.outputs.amount }}", tone: "firm" } },
  });

  expect(open?.items[0]?.outputs).toEqual({ amount: 7, tone: "firm" });
});

test.each([
  ["whole", { amount: 7 }, "default"],
  ["not whole", {}, "keep"],
  ["not what the form takes", { amount: "${{ 0 }}" }, "keep"],
])("a default answer that is %s", (_, given, onExpire) => {
  const open = opened({ asks: { default: given, answerBy: "2d", onExpire: "default" } });

  expect(open?.gate.onExpire).toBe(onExpire);
});

test("an operator's merge is the answer, whatever the form began with, and it is no approval", () => {
  const outputs = { amount: 5, tone: "firm" };
  const settle = settled({ gate: asked({}, merged({ outputs, problem: null })) });

  expect(settle).toMatchObject({
    decision: "answered",
    by: ADA,
    commit: MAIN,
    items: [{ digest: ITEM.digest, blob: BLOB, outputs: { kind: "value", value: outputs } }],
  });
});

test("a merge by anybody else answers nothing", () => {
  const gate = asked(
    {},
    merged({ outputs: { amount: 5 }, problem: null }, "eve@elsewhere.example"),
  );

  expect(settled({ gate })).toBeUndefined();
  expect(planOf({ gate }).holds).toMatchObject([{ reason: "approval-unproven" }]);
});

test("an answer that does not fit holds with file, line and what is wrong, and is noted", () => {
  const gate = asked({}, merged({ outputs: null, problem: 'tone is "wram"', at: "12:7" }));
  const { holds, actions } = planOf({ gate });

  expect(holds).toMatchObject([
    {
      reason: "needs-fix",
      why: `${ITEM.path}:12:7: tone is "wram"`,
      unblock: expect.stringContaining("fettle answer chase-1 --set amount=..."),
    },
  ]);
  expect(actions).toMatchObject([{ kind: "gate-note" }]);
});

test.each([
  ["reject", "expired", 0],
  ["default", "defaulted", 1],
] as const)("when its time is over, onExpire: %s makes it %s", (onExpire, decision, items) => {
  const settle = settled({ gate: asked({ onExpire, answerBy: NOW }) });

  expect(settle).toMatchObject({ decision, by: "fettle", via: "expiry" });
  expect(settle?.items).toHaveLength(items);
});

test("whoever has begun to answer is waited for: the default does not come first", () => {
  const gate = asked({ onExpire: "default", answerBy: NOW }, { branchHead: "b".repeat(40) });

  expect(settled({ gate })).toBeUndefined();
  expect(planOf({ gate }).holds).toMatchObject([{ reason: "awaiting-approval" }]);
});

test("nobody refuses a question by not answering: the next run may ask it again", () => {
  const gate = asked({}, { branchHead: null });
  const absent = { ...gate, record: { ...gate.record, absentSince: "2026-11-22T09:40:00.000Z" } };

  expect(settled({ gate: absent })).toMatchObject({ decision: "rejected", items: [] });
});

test("the answer is what later steps read", () => {
  const answer = { amount: 5, tone: "firm" };
  const item: DecidedItem = {
    show: "answer",
    key: null,
    step: null,
    digest: "",
    decision: "edited",
    blob: BLOB,
    input: null,
    outputs: cite(answer),
  };
  const decision = { decision: "answered", items: [item] } satisfies Partial<GateDecision>;

  expect(planOf({ decision, values: [answer] }).actions).toMatchObject([
    { kind: "step-start", inputs: { amount: 5 } },
  ]);
  expect(planOf({ decision }).holds).toMatchObject([{ reason: "payload-missing" }]);
});

test.each(["rejected", "expired", "withdrawn"] as const)(
  "a question that is %s ends the run",
  (decision) => {
    expect(planOf({ decision: { decision } }).actions).toMatchObject([
      { kind: "run-finish", result: "rejected" },
    ]);
  },
);

test("an approval in words is merged for its gate, and is no answer to a question", () => {
  const review = {
    login: "ada",
    id: 1,
    isBot: false,
    state: "approved",
    commit: MAIN,
    at: NOW,
    text: "",
  } as const;
  const forge = {
    state: "open",
    closedBy: null,
    mergedBy: null,
    reviews: [review],
    mergeable: true,
    draft: false,
  } as const;
  const { workspace, observed } = runContext(openRun(pipeline([TERMS])));
  const operators: [Operator] = [{ email: ADA, login: "ada" }];
  const settings = { ...workspace.settings, operators };
  const mergedBy = (asks: Partial<GateRecord>): number => {
    const gate = openGate(asks, { forge });
    const gates = new Map([[gate.record.id, gate]]);
    return endorsedGates({ ...workspace, settings }, { ...observed, gates }, NOW).length;
  };

  expect([mergedBy({}), mergedBy({ asks: ["amount"] })]).toEqual([1, 0]);
});
