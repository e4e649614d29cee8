import { expect, test } from "vitest";
import type { LedgerEvent, ObservedChange } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { observeTransactions } from "#runner/core/observe-transaction.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { EMPTY, openRun, pipeline, step } from "../support/core-builders.ts";
import { ADA, attempt, openGate, receipts } from "../support/core-records.ts";
import { entriesPutBy } from "../support/counted-entries.ts";

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
  const done = [transaction({ event, change, payload })];
  return observeTransactions({ ...EMPTY, ...before }, done);
}

const run = openRun(pipeline([step("work")]));
const running = { runs: new Map([[RUN, run]]), requests: [request] };

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

    const oneByOne = done.reduce<Observed>((all, one) => observeTransactions(all, [one]), before);

    expect(observeTransactions(before, done)).toEqual(oneByOne);
  }
});

test("what is copied for many transactions grows with their number alone", () => {
  const [few, many] = [200, 400].map((count) => {
    const ids = Array.from({ length: count }, (_, index) => `chase.${index}`);
    const opened = ids.map((id): ObservedChange => {
      const record = { ...run.record, id };
      return { kind: "run-opened", run: { ...run, record }, request: null, handled: null };
    });
    const results = ids.map((id): ObservedChange => {
      return {
        kind: "attempt",
        attempt: attempt("work", { run: id }),
        receipt: receipts(id, [{}]),
      };
    });
    const sent = [...opened, ...results].map((change) => transaction({ event, change }));
    return entriesPutBy(() => observeTransactions(EMPTY, sent));
  });

  expect(few).toBeGreaterThan(200);
  expect(many).toBeLessThanOrEqual(2 * (few ?? 0));
});
