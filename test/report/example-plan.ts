/** What the example company's next tick would do. */
import { NO_FORECAST } from "#runner/core/forecast.ts";
import { blob, commit, digest, gate, runId } from "./example.ts";
import type { Plan, StepStart } from "#runner/core/action.ts";
import type { GateOpen, GateSettle } from "#runner/core/gate/gate-action.ts";

export function stepStart(item: string | null, changes: Partial<StepStart> = {}): StepStart {
  return {
    kind: "step-start",
    project: "collections",
    because: "find succeeded",
    run: runId,
    step: "draft",
    item,
    attempt: 1,
    agent: "reminder-writer",
    inputs: {},
    timeoutMs: 120_000,
    effect: null,
    resume: false,
    forecast: { ...NO_FORECAST, micros: 12_000, mostMicros: 50_000, attempts: 1 },
    ...changes,
  };
}

export const gateOpen: GateOpen = {
  kind: "gate-open",
  project: "collections",
  because: "risk 78 is not below 60",
  answerWithinMs: 172_800_000,
  gate,
  items: [
    {
      show: "reminders",
      key: "INV-1",
      step: "draft",
      digest: digest("c"),
      outputs: { subject: "Invoice INV-1", body: "Dear Müller & Söhne,\nplease pay." },
    },
  ],
};

export function gateSettle(decision: GateSettle["decision"], id = gate.id): GateSettle {
  const answer = { decision, by: "ada@northwind.example", via: "merge", reason: "merged" } as const;
  return {
    kind: "gate-settle",
    project: "collections",
    because: "merged",
    gate: id,
    run: runId,
    step: "review",
    ...answer,
    commit,
    risk: 78,
    request: null,
    items: [],
    files: {},
  };
}

export const emptyPlan: Plan = {
  commit,
  tip: blob,
  actions: [],
  holds: [],
  nextWake: null,
  forecast: NO_FORECAST,
  wants: [],
  queue: [],
};

export const plan: Plan = {
  ...emptyPlan,
  actions: [stepStart("INV-1"), stepStart("INV-2"), gateOpen],
  holds: [
    {
      project: "collections",
      subject: `step:${runId}/send`,
      reason: "awaiting-approval",
      why: "it sends what you approve",
      unblock: `fettle approve ${gate.id}`,
      until: "2026-11-24T08:03:00.000Z",
    },
    {
      project: "collections",
      subject: "pipeline:chase-invoices",
      reason: "concurrency",
      why: "one run at a time, and one is open",
      unblock: "",
      until: null,
    },
  ],
  nextWake: "2026-11-22T11:15:00.000Z",
  forecast: { ...NO_FORECAST, micros: 45_500, mostMicros: 100_000 },
};
