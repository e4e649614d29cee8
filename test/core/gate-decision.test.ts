import { expect, test } from "vitest";
import { decideGate } from "#runner/core/gate/gate-decision.ts";
import type { GateSettle } from "#runner/core/gate/gate-action.ts";
import type { GateFacts } from "#runner/core/model.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { GateRecord, RequestRecord } from "#runner/schema/types.gen.ts";
import { EMPTY, gateStep, NOW, openRun, pipeline, runContext } from "../support/core-builders.ts";
import { ADA, BLOB, cite, gateItem, MAIN, openGate, says } from "../support/core-records.ts";

type OnMain = NonNullable<GateFacts["onMain"]>;

const EARLIER = "2026-11-22T09:59:59.999Z";
const a = gateItem("a", { text: "A" }, { input: cite({ id: 1 }) });
const b = gateItem("b", { text: "B" });

interface Situation {
  readonly record?: Partial<GateRecord>;
  readonly facts?: Partial<GateFacts>;
  readonly onMain?: Partial<OnMain>;
  readonly requests?: readonly RequestRecord[];
}

function found(
  outputs: unknown,
  problem: string | null = null,
): { blob: string; outputs: unknown; problem: string | null } {
  return { blob: BLOB, outputs, problem };
}

function merged(changes: Partial<OnMain> = {}): OnMain {
  const items = new Map([
    [a.path, found({ text: "A" })],
    [b.path, found({ text: "B" })],
  ]);
  return {
    commit: MAIN,
    approver: ADA,
    says: says("approved"),
    items,
    deliverables: new Map(),
    ...changes,
  };
}

function decide({ record, facts, onMain, requests = [] }: Situation): StepPlan {
  const run = openRun(pipeline([gateStep("review", {})]), {
    values: [{ text: "A" }, { text: "B" }],
  });
  const context = runContext(run, { observed: { ...EMPTY, requests } });
  const main = onMain === undefined ? null : merged(onMain);
  return decideGate(context, openGate({ items: [a, b], ...record }, { onMain: main, ...facts }));
}

function settledBy(situation: Situation): GateSettle | undefined {
  return decide(situation).actions.find((action) => action.kind === "gate-settle");
}

function isRejected(settle: GateSettle | undefined): boolean {
  return (
    settle !== undefined &&
    settle.items.every(({ decision }) => decision === "rejected") &&
    Object.keys(settle.files).length === 0
  );
}

const reject: RequestRecord = {
  id: "r1",
  kind: "reject",
  gate: "chase-1",
  by: ADA,
  reason: "rude",
  at: NOW,
};

test("an open gate whose branch stands waits, and says how to answer", () => {
  expect(decide({})).toMatchObject({
    actions: [],
    holds: [
      { reason: "awaiting-approval", unblock: expect.stringContaining("fettle approve chase-1") },
    ],
  });
});

test("merged by an operator is approved, with main's commit, blobs and files", () => {
  const deliverables = new Map([["notes.md", BLOB]]);

  expect(settledBy({ onMain: { deliverables } })).toMatchObject({
    decision: "approved",
    by: ADA,
    via: "merge",
    commit: MAIN,
    files: { "notes.md": BLOB },
    items: [
      {
        key: "a",
        decision: "approved",
        blob: BLOB,
        digest: a.digest,
        input: { kind: "cited" },
        outputs: { kind: "cited", citation: a.outputs },
      },
      { key: "b", decision: "approved" },
    ],
  });
});

test.each([["eve@elsewhere.example"], [null]])(
  "merged by %s is no approval: the gate stays open",
  (approver) => {
    expect(decide({ onMain: { approver } })).toMatchObject({
      actions: [],
      holds: [{ reason: "approval-unproven" }],
    });
  },
);

test("a merge that proves nothing does not keep the operator from rejecting", () => {
  expect(settledBy({ onMain: { approver: null }, requests: [reject] })).toMatchObject({
    decision: "rejected",
    request: "r1",
  });
  const invalid = new Map([[a.path, found(null, "no yaml")]]);
  expect(settledBy({ onMain: { items: invalid }, requests: [reject] })).toMatchObject({
    decision: "rejected",
  });
});

test("what is approved already cannot be rejected", () => {
  expect(settledBy({ onMain: {}, requests: [reject] })).toMatchObject({
    decision: "approved",
    request: null,
  });
});

test("an edited item goes on as it stands on main, under a digest of its own", () => {
  const items = new Map([
    [a.path, found({ text: "A!" })],
    [b.path, found({ text: "B" })],
  ]);
  const [first, second] = settledBy({ onMain: { items } })?.items ?? [];

  expect(first).toMatchObject({
    decision: "edited",
    outputs: { kind: "value", value: { text: "A!" } },
  });
  expect(first?.digest).not.toBe(a.digest);
  expect(second).toMatchObject({ decision: "approved", digest: b.digest });
});

test("fields in another order are no edit", () => {
  const wide = gateItem("a", { x: 1, y: 2 });
  const items = new Map([[a.path, found({ y: 2, x: 1 })]]);

  expect(settledBy({ record: { items: [wide] }, onMain: { items } })?.items).toMatchObject([
    { decision: "approved" },
  ]);
});

test("an approved value that is not in this clone is taken from main", () => {
  const other = gateItem("a", { text: "not here" });
  const items = new Map([[a.path, found({ text: "not here" })]]);

  expect(settledBy({ record: { items: [other] }, onMain: { items } })?.items).toMatchObject([
    { decision: "approved", outputs: { kind: "value", value: { text: "not here" } } },
  ]);
});

test("a deleted item file rejects that item alone", () => {
  const items = new Map([[b.path, found({ text: "B" })]]);

  expect(settledBy({ onMain: { items } })).toMatchObject({
    decision: "approved",
    items: [
      { key: "a", decision: "rejected", blob: null, digest: a.digest },
      { key: "b", decision: "approved" },
    ],
  });
});

test("deleting the file of a single value rejects the whole: nothing can go on without it", () => {
  const notes = gateItem(null, { text: "Notes" });
  const settle = settledBy({
    record: { items: [notes, b] },
    onMain: { items: new Map([[b.path, found({ text: "B" })]]) },
  });

  expect(settle).toMatchObject({
    decision: "rejected",
    via: "merge",
    reason: `${notes.path} was deleted`,
    commit: MAIN,
  });
  expect(isRejected(settle)).toBe(true);
});

test("a record that says rejected rejects, whoever edited the items", () => {
  const settle = settledBy({
    onMain: { says: says("rejected"), deliverables: new Map([["notes.md", BLOB]]) },
  });

  expect(settle).toMatchObject({ decision: "rejected", by: ADA });
  expect(isRejected(settle)).toBe(true);
});

test.each<[string, Partial<OnMain>]>([
  ["an item that is not valid", { items: new Map([[a.path, found(null, "subject is missing")]]) }],
  ["a decision that is neither", { says: says("aproved") }],
  ["an empty decision", { says: says("") }],
])("%s needs a fix: it is noted once, and nothing runs", (_, onMain) => {
  const plan = decide({ onMain });

  expect(plan).toMatchObject({
    actions: [{ kind: "gate-note" }],
    holds: [{ reason: "needs-fix" }],
  });
  const [noted] = plan.actions;
  const problem = noted?.kind === "gate-note" ? (noted.problem ?? "") : "";
  expect(decide({ onMain, record: { problem } })).toMatchObject({
    actions: [],
    holds: [{ why: problem }],
  });
});

test("a gate that was mended settles", () => {
  expect(settledBy({ record: { problem: "subject is missing" }, onMain: {} })).toMatchObject({
    decision: "approved",
  });
});

test("rejected by a request: by whom, why, and the request is used up", () => {
  const settle = settledBy({ requests: [reject] });

  expect(settle).toMatchObject({
    decision: "rejected",
    by: ADA,
    via: "reject",
    reason: "rude",
    request: "r1",
  });
  expect(isRejected(settle)).toBe(true);
  expect(settledBy({ requests: [{ ...reject, gate: "other" }] })).toBeUndefined();
  expect(settledBy({ requests: [{ ...reject, by: "eve@elsewhere.example" }] })).toBeUndefined();
});

test("an unanswered gate expires when it says reject, and waits when it says keep", () => {
  const answerBy = NOW;

  expect(settledBy({ record: { answerBy, onExpire: "reject" } })).toMatchObject({
    decision: "expired",
    via: "expiry",
  });
  expect(decide({ record: { answerBy, onExpire: "keep" } })).toMatchObject({
    actions: [],
    holds: [{ until: null }],
  });
  const later = { answerBy: "2026-11-22T10:00:00.001Z", onExpire: "reject" } as const;
  expect(decide({ record: later })).toMatchObject({ actions: [], wakes: [later.answerBy] });
});

test("an answer that came in time counts, however late it is seen", () => {
  const record = { answerBy: EARLIER, onExpire: "reject" } as const;

  expect(settledBy({ record, onMain: {} })).toMatchObject({ decision: "approved" });
  expect(decide({ record, onMain: { approver: null } })).toMatchObject({
    actions: [],
    holds: [{ reason: "approval-unproven" }],
  });
});

const absent: Partial<GateFacts> = { branchHead: null };

test("a branch that is missing once is noted, not rejected", () => {
  expect(decide({ facts: absent })).toMatchObject({
    actions: [{ kind: "gate-note", absentSince: "now" }],
    holds: [
      {
        reason: "branch-missing",
        unblock: expect.stringContaining("git branch fettle/gate/chase-1"),
      },
    ],
  });
});

test("noted in this tick, it is looked at again in the next", () => {
  expect(decide({ facts: absent, record: { absentSince: NOW } })).toMatchObject({
    actions: [],
    holds: [{ reason: "branch-missing" }],
  });
});

test("a branch that is missing in two ticks was deleted: rejected", () => {
  const settle = settledBy({ facts: absent, record: { absentSince: EARLIER } });

  expect(settle).toMatchObject({ decision: "rejected", via: "branch-deleted" });
  expect(isRejected(settle)).toBe(true);
});

test("a branch that came back is no longer missing", () => {
  expect(decide({ record: { absentSince: EARLIER, problem: "subject is missing" } })).toMatchObject(
    {
      actions: [{ kind: "gate-note", absentSince: null, problem: "subject is missing" }],
    },
  );
});

test("a branch that went with its merge is approved, not rejected", () => {
  expect(settledBy({ facts: absent, record: { absentSince: EARLIER }, onMain: {} })).toMatchObject({
    decision: "approved",
  });
});
