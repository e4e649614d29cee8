/** Records as they stand on the state branch, for tests of the planner. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { branchAlone } from "#runner/core/gate/gate-state.ts";
import type { GateFacts, GateWord, ObservedGate } from "#runner/core/model.ts";
import type {
  AttemptRecord,
  Citation,
  GateDecision,
  GateItem,
  GateRecord,
  PendingDelivery,
  Receipt,
  ReceiptRecord,
  RunRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";

export const ADA = "ada@northwind.example";
export const MAIN = "a".repeat(40);
export const BLOB = "b".repeat(40);

export function runRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id: "chase.aaaaaaaaaaaa",
    project: "shop",
    pipeline: "chase",
    slot: "request:1",
    trigger: { kind: "manual", request: "1", by: ADA },
    params: {},
    asOf: "2026-11-22T09:00:00.000Z",
    desired: MAIN,
    base: { commit: MAIN, overlay: [] },
    previous: {},
    startedAt: "2026-11-22T09:00:00.000Z",
    because: "somebody asked",
    ...changes,
  };
}

export function cite(value: unknown): Citation {
  return { digest: digestOf(value), month: "2026-11" };
}

/** A finished attempt that succeeded; its outputs are cited, so give the run the same values. */
export function attempt(
  of: string,
  changes: Partial<Omit<AttemptRecord, "outputs">> & { readonly outputs?: unknown } = {},
): AttemptRecord {
  const { outputs = {}, ...more } = changes;
  return {
    run: "chase.aaaaaaaaaaaa",
    step: of,
    item: null,
    attempt: 1,
    state: "finished",
    agent: of,
    version: "1.0.0",
    agentTree: BLOB,
    key: digestOf(of),
    inputs: cite({}),
    outputs: outputs === null ? null : cite(outputs),
    startedAt: "2026-11-22T09:01:00.000Z",
    finishedAt: "2026-11-22T09:02:00.000Z",
    outcome: "succeeded",
    reason: "",
    rung: "command",
    deliverables: [],
    memory: { recalled: [], admitted: [], refused: [] },
    rationale: "",
    costMicros: 0,
    basis: "free",
    ...more,
  };
}

export function decided(changes: Partial<GateDecision> = {}): GateDecision {
  return {
    run: "chase.aaaaaaaaaaaa",
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
    ...changes,
  };
}

/** A decision record that says so, of a proposal that names no plan. */
export function says(decision: string, note = ""): GateWord {
  return { decision, note, planDigest: "" };
}

/** A wait of an hour that is over. */
export function waited(of: string, changes: Partial<WaitRecord> = {}): WaitRecord {
  return {
    run: "chase.aaaaaaaaaaaa",
    step: of,
    since: "2026-11-22T09:02:00.000Z",
    until: "2026-11-22T10:02:00.000Z",
    at: "2026-11-22T10:02:00.001Z",
    outcome: "succeeded",
    reason: "it waited 1h",
    ...changes,
  };
}

export function receipts(base: string, list: readonly Partial<Receipt>[]): ReceiptRecord {
  return {
    base,
    onceKey: "",
    project: "shop",
    agent: "mailer",
    receipts: list.map((one, index) => ({
      ordinal: index + 1,
      state: "happened",
      at: "2026-11-20T10:00:00.000Z",
      run: "other.bbbbbbbbbbbb",
      step: "send",
      item: null,
      ...one,
    })),
  };
}

export function gateItem(
  key: string | null,
  outputs: unknown,
  changes: Partial<GateItem> = {},
): GateItem {
  const show = "drafts";
  const path = `memory/shop/decisions/chase-1/${key === null ? show : `${show}/${key}`}.yaml`;
  return {
    show,
    key,
    path,
    step: "draft",
    digest: digestOf(["item", key, outputs]),
    input: null,
    outputs: cite(outputs),
    ...changes,
  };
}

export function openGate(
  changes: Partial<GateRecord> = {},
  facts: Partial<GateFacts> = {},
): ObservedGate {
  return {
    record: {
      id: "chase-1",
      run: "chase.aaaaaaaaaaaa",
      project: "shop",
      pipeline: "chase",
      step: "review",
      title: "Send them?",
      branch: "fettle/gate/chase-1",
      head: MAIN,
      folder: "memory/shop/decisions/chase-1",
      openedAt: "2026-11-22T09:30:00.000Z",
      answerBy: null,
      onExpire: "keep",
      risk: { score: 70, factors: [] },
      items: [],
      deliverables: [],
      claims: [],
      costMicros: 0,
      absentSince: null,
      ...changes,
    },
    facts: { ...branchAlone(MAIN), ...facts },
  };
}

/** A file on its way to main, new unless `changes` says what it was. */
export function pending(path: string, changes: Partial<PendingDelivery> = {}): PendingDelivery {
  return {
    path,
    content: cite(path),
    blob: BLOB,
    was: null,
    bytes: 1,
    run: "chase.aaaaaaaaaaaa",
    step: "draft",
    memory: false,
    ...changes,
  };
}
