/** Events of the ledger, at random and by hand. */
import * as fc from "fast-check";
import { addMs } from "#runner/core/time/instant.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { ADA, BLOB, cite, MAIN, pending } from "./core-records.ts";

type Of<Kind extends LedgerEvent["kind"]> = Extract<LedgerEvent, { kind: Kind }>;

const START = "2026-11-01T00:00:00.000Z";
const names = fc.constantFrom("shop", "studio", "office");
const runs = fc.constantFrom("chase.aaaaaaaaaaaa", "chase.bbbbbbbbbbbb", "goal.paid.cccccccccccc");
const goals = fc.constantFrom("paid", "other");
const measures = fc.constantFrom(
  { value: 3, met: false },
  { value: 0, met: true },
  { value: null, met: null },
);
const files = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 2 });

/** Any events whatever, each later than the one before, also such as no plan would give. */
export const anyEvents: fc.Arbitrary<readonly LedgerEvent[]> = fc
  .array(fc.tuple(fc.oneof(...arbitraries()), fc.integer({ min: 1, max: 90_000_000 })), {
    maxLength: 60,
  })
  .map((list) => {
    let at = START;
    return list.map(([event, gap]) => {
      at = addMs(at, gap);
      return { ...event, at };
    });
  });

function arbitraries(): fc.Arbitrary<LedgerEvent>[] {
  return [
    fc
      .record({ project: names, renamedFrom: fc.constantFrom(null, "shop", "studio") })
      .map(applied),
    names.map((project) => ({
      kind: "project-stalled",
      at: START,
      project,
      commit: MAIN,
      reason: "x",
    })),
    names.map((project) => ({ kind: "project-removed", at: START, project })),
    fc
      .record({ project: names, run: runs, cursor: fc.constantFrom({}, { lastDue: START }) })
      .map(started),
    fc.record({ project: names, run: runs }).map(intended),
    fc
      .record({ project: names, run: runs, costMicros: fc.nat(9), ms: fc.nat(9), paths: files })
      .map(stepFinished),
    fc.record({ project: names, run: runs, gate: fc.constantFrom("g1", "g2") }).map(gateOpened),
    fc
      .record({ project: names, run: runs, gate: fc.constantFrom("g1", "g2", null), paths: files })
      .map(gateSettled),
    fc.record({ project: names, run: runs, measure: measures, goal: goals }).map(runFinished),
    fc.record({ project: names, run: runs }).map(waitEnded),
    fc.record({ project: names, paths: files }).map(delivered),
    fc.record({ project: fc.oneof(names, fc.constant("")) }).map(requestSettled),
  ];
}

export function applied(changes: Partial<Of<"project-applied">> = {}): LedgerEvent {
  const pipelines = [{ name: "chase", previousNames: [], watched: null }];
  const facts = { commit: MAIN, digest: "d1", pipelines, goals: ["paid"], renamedFrom: null };
  return { kind: "project-applied", at: START, project: "shop", ...facts, ...changes };
}

export function started(changes: Partial<Of<"run-started">> = {}): LedgerEvent {
  const trigger = { kind: "manual", request: "1", by: ADA } as const;
  const facts = { run: "chase.aaaaaaaaaaaa", pipeline: "chase", trigger, cursor: {} };
  return { kind: "run-started", at: START, project: "shop", ...facts, ...changes };
}

export function intended(changes: Partial<Of<"effect-intended">> = {}): LedgerEvent {
  const effect = { key: "k", base: "b", ordinal: 1, onceKey: "o" };
  const unit = { run: "chase.aaaaaaaaaaaa", step: "send", item: null, attempt: 1, agent: "mailer" };
  return { kind: "effect-intended", at: START, project: "shop", ...unit, effect, ...changes };
}

export function stepFinished({
  paths = [],
  ...changes
}: Partial<Of<"step-finished">> & { readonly paths?: readonly string[] } = {}): LedgerEvent {
  return {
    kind: "step-finished",
    at: START,
    project: "shop",
    run: "chase.aaaaaaaaaaaa",
    pipeline: "chase",
    step: "draft",
    item: null,
    attempt: 1,
    agent: "writer",
    version: "1.0.0",
    outcome: "succeeded",
    reason: "",
    costMicros: 0,
    ms: 1,
    effect: null,
    pending: paths.map((path) => pending(path)),
    ...changes,
  };
}

export function stepCheckpointed(changes: Partial<Of<"step-checkpointed">> = {}): LedgerEvent {
  const unit = { run: "chase.aaaaaaaaaaaa", step: "draft", item: null, attempt: 1 };
  const checkpoints = { page: cite(3).digest };
  return {
    kind: "step-checkpointed",
    at: START,
    project: "shop",
    ...unit,
    checkpoints,
    ...changes,
  };
}

export function gateOpened(changes: Partial<Of<"gate-opened">> = {}): LedgerEvent {
  const facts = { run: "chase.aaaaaaaaaaaa", step: "review", gate: "g1", items: 1, risk: 70 };
  return { kind: "gate-opened", at: START, project: "shop", ...facts, ...changes };
}

export function gateSettled({
  paths = [],
  ...changes
}: Partial<Of<"gate-settled">> & { readonly paths?: readonly string[] } = {}): LedgerEvent {
  return {
    kind: "gate-settled",
    at: START,
    project: "shop",
    run: "chase.aaaaaaaaaaaa",
    step: "review",
    gate: "g1",
    decision: "approved",
    by: ADA,
    via: "merge",
    reason: "",
    refused: [],
    pending: paths.map((path) => pending(path)),
    owned: {},
    ...changes,
  };
}

interface Finish {
  readonly goal?: string;
  readonly measure?: { readonly value: number | null; readonly met: boolean | null };
}

export function waitEnded(changes: Partial<Of<"wait-ended">> = {}): LedgerEvent {
  return {
    kind: "wait-ended",
    at: START,
    project: "shop",
    run: "chase.aaaaaaaaaaaa",
    step: "pause",
    since: START,
    until: START,
    outcome: "succeeded",
    reason: "it waited 0s",
    ...changes,
  };
}

/** With `measure` the end of a measurement of `goal`, else that of a run which serves `paid`. */
export function runFinished({
  goal = "paid",
  measure,
  ...changes
}: Partial<Omit<Of<"run-finished">, "goal">> & Finish = {}): LedgerEvent {
  return {
    kind: "run-finished",
    at: START,
    project: "shop",
    run: "chase.aaaaaaaaaaaa",
    pipeline: "chase",
    result: "succeeded",
    reason: "",
    outputs: {},
    serves: measure === undefined ? ["paid"] : [],
    goal: measure === undefined ? null : { name: goal, reason: "no key", ...measure },
    ...changes,
  };
}

export function delivered({
  paths = [],
  ...changes
}: Partial<Of<"files-delivered">> & { readonly paths?: readonly string[] } = {}): LedgerEvent {
  const owned = Object.fromEntries(paths.map((path) => [path, BLOB]));
  const facts = { commit: MAIN, owned, setAside: [], seen: {} };
  return { kind: "files-delivered", at: START, project: "shop", ...facts, ...changes };
}

export function requestSettled(changes: Partial<Of<"request-settled">> = {}): LedgerEvent {
  return {
    kind: "request-settled",
    at: START,
    project: "shop",
    request: cite("r").digest,
    reason: "",
    ...changes,
  };
}
