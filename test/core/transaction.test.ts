import { expect, test } from "vitest";
import { digestOf } from "#runner/core/canonical-json.ts";
import type { LedgerEvent, ObservedChange } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import {
  observeTransaction,
  observeTransactions,
  PayloadDraft,
  transaction,
} from "#runner/core/transaction.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { EMPTY, openRun, pipeline, step } from "../support/core-builders.ts";
import { ADA, attempt, openGate, receipts } from "../support/core-records.ts";

const RUN = "chase.aaaaaaaaaaaa";
const event: LedgerEvent = { kind: "project-removed", at: "", project: "nobody" };
const request: RequestRecord = {
  id: "r1",
  kind: "reject",
  gate: "chase-1",
  by: ADA,
  reason: "",
  at: "",
};

function after(
  change: ObservedChange,
  before: Partial<Observed> = {},
  payload = new PayloadDraft("2026-11-22"),
): Observed {
  return observeTransaction({ ...EMPTY, ...before }, transaction({ event, change, payload }));
}

const run = openRun(pipeline([step("work")]));
const running = { runs: new Map([[RUN, run]]), requests: [request] };

test("a payload is cited by the digest of its canonical text and the month", () => {
  const draft = new PayloadDraft("2026-11-22T10:00:00.000Z");
  const citation = draft.addValue({ b: 1, a: 2 });

  expect(citation).toEqual({ digest: digestOf({ a: 2, b: 1 }), month: "2026-11" });
  expect(draft.blobs).toEqual([
    { ...citation, content: new TextEncoder().encode('{"a":2,"b":1}') },
  ]);
  expect(draft.values.get(citation.digest)).toEqual({ b: 1, a: 2 });
  expect(draft.addBytes(new Uint8Array([1])).digest).toBe(draft.blobs[1]?.digest);
});

test("a transaction without files, payload or change has none", () => {
  expect(transaction({ event })).toEqual({
    event,
    files: new Map(),
    texts: new Map(),
    payload: [],
    values: new Map(),
    change: { kind: "none" },
  });
});

test("a run that was opened is open, and its request is used up", () => {
  expect(
    after({ kind: "run-opened", run, request: "r1", handled: null }, { requests: [request] }),
  ).toMatchObject({
    runs: new Map([[RUN, run]]),
    requests: [],
    ended: new Map(),
  });
  expect(
    after({ kind: "run-opened", run, request: null, handled: null }, { requests: [request] })
      .requests,
  ).toEqual([request]);
});

test("a result takes the place of its intent, its values can be read, its receipt is known", () => {
  const payload = new PayloadDraft("2026-11-22");
  const { digest } = payload.addValue({ n: 1 });
  const intent = attempt("work", { state: "intended", outcome: null });
  const others = [
    attempt("work", { attempt: 2 }),
    attempt("work", { item: "a" }),
    attempt("other"),
  ];
  const before = { runs: new Map([[RUN, { ...run, attempts: [intent, ...others] }]]) };
  const result = attempt("work");
  const record = receipts("sha256:b", [{}]);

  const seen = after({ kind: "attempt", attempt: result, receipt: record }, before, payload);

  expect(seen.runs.get(RUN)?.attempts).toEqual([...others, result]);
  expect(seen.runs.get(RUN)?.values.get(digest)).toEqual({ n: 1 });
  expect(seen.receipts.get("sha256:b")).toBe(record);
});

test("a result of a run that is not open here changes nothing", () => {
  expect(after({ kind: "attempt", attempt: attempt("work"), receipt: null }).runs).toEqual(
    new Map(),
  );
});

test("a decision closes its gate and uses up its request", () => {
  const decision = {
    run: RUN,
    step: "review",
    gate: "chase-1",
    decision: "approved",
    by: "",
    via: "merge",
    reason: "",
    commit: null,
    at: "",
    risk: 0,
    items: [],
    files: {},
  } as const;
  const before = { ...running, gates: new Map([["chase-1", openGate()]]) };
  const copy = { ...decision, items: [] };

  const seen = after({ kind: "decision", decision: copy, request: "r1" }, before);

  expect(seen).toMatchObject({ gates: new Map(), requests: [] });
  expect(seen.runs.get(RUN)?.decisions).toEqual([decision]);
  expect(
    after({ kind: "decision", decision: { ...copy, gate: null }, request: null }, before).gates
      .size,
  ).toBe(1);
});

test("a gate that was opened or noted is observed as it is then", () => {
  const gate = openGate({ problem: "x" });

  expect(
    after({ kind: "gate-noted", gate }, { gates: new Map([["chase-1", openGate()]]) }).gates,
  ).toEqual(new Map([["chase-1", gate]]));
});

test("with a run its gates close, and no others", () => {
  const other = openGate({ id: "call-1", run: "call.x" });
  const gates = new Map([
    ["chase-1", openGate()],
    ["call-1", other],
  ]);

  expect(
    after({ kind: "run-closed", run: RUN, handled: null }, { ...running, gates }),
  ).toMatchObject({
    runs: new Map(),
    gates: new Map([["call-1", other]]),
  });
});

test("a settled request is gone", () => {
  expect(after({ kind: "request", request: "r1" }, running).requests).toEqual([]);
  expect(after({ kind: "none" }, running).requests).toEqual([request]);
});

test("several transactions leave what they leave one by one, results among them and twice", () => {
  const changes: readonly ObservedChange[] = [
    { kind: "attempt", attempt: attempt("work", { item: "a" }), receipt: null },
    { kind: "attempt", attempt: attempt("work", { item: "b" }), receipt: receipts("mail", [{}]) },
    { kind: "attempt", attempt: attempt("work", { item: "a", reason: "later" }), receipt: null },
    { kind: "attempt", attempt: attempt("work", { item: "a", run: "none.x" }), receipt: null },
    { kind: "request", request: "r1" },
    { kind: "attempt", attempt: attempt("rest"), receipt: null },
    { kind: "run-closed", run: RUN, handled: null },
    { kind: "attempt", attempt: attempt("late"), receipt: null },
  ];
  for (const count of changes.keys()) {
    const done = changes.slice(0, count + 1).map((change, index) => {
      const payload = new PayloadDraft("2026-11-22");
      payload.addValue(index);
      return transaction({ event, change, payload });
    });
    const before = { ...EMPTY, ...running };

    expect(observeTransactions(before, done)).toEqual(done.reduce(observeTransaction, before));
  }
});
