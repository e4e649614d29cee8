import { expect, test } from "vitest";
import { admitGates } from "#runner/core/gate/gate-admission.ts";
import { decideGate } from "#runner/core/gate/gate-decision.ts";
import type { GateOpen } from "#runner/core/gate/gate-action.ts";
import type { Observed } from "#runner/core/model.ts";
import { notificationsOf } from "#runner/core/notification.ts";
import { orphanRequests } from "#runner/core/orphan-request.ts";
import { snoozedUntil } from "#runner/core/gate/snooze.ts";
import type { StepPlan } from "#runner/core/step-plan.ts";
import type { GateRecord, SnoozeRequest, Workspace as Settings } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  gateStep,
  live,
  NOW,
  openRun,
  pipeline,
  project,
  runContext,
  workspace,
} from "../support/core-builders.ts";
import { ADA, gateItem, openGate } from "../support/core-records.ts";

const EARLIER = "2026-11-22T09:00:00.000Z";
const LATER = "2026-11-24T10:00:00.000Z";

function snooze(changes: Partial<SnoozeRequest> = {}): SnoozeRequest {
  const what = { id: "s1", kind: "snooze", project: "shop", gate: "chase-1" } as const;
  return { ...what, until: LATER, by: ADA, reason: "", at: EARLIER, ...changes };
}

interface Situation {
  readonly requests?: readonly SnoozeRequest[];
  readonly record?: Partial<GateRecord>;
  readonly settings?: Partial<Settings>;
}

function factsOf({ requests = [snooze()], record, settings = {} }: Situation): {
  readonly workspace: ReturnType<typeof workspace>;
  readonly observed: Observed;
  readonly now: string;
} {
  const gate = openGate({ items: [gateItem("a", { text: "A" })], ...record });
  const gates = new Map(record === undefined ? [] : [["chase-1", gate]]);
  const observed = { ...EMPTY, requests, gates };
  return { workspace: workspace([project()], { settings }), observed, now: NOW };
}

test.each<[string, Situation, number, string | null]>([
  ["an operator's word counts", {}, 70, LATER],
  ["a stranger's does not", { requests: [snooze({ by: "eve@elsewhere.example" })] }, 70, null],
  ["its time is over", { requests: [snooze({ until: NOW })] }, 70, null],
  ["it is of another gate", { requests: [snooze({ gate: "chase-2" })] }, 70, null],
  [
    "the later word counts",
    { requests: [snooze({ id: "s2", at: NOW, until: NOW }), snooze()] },
    70,
    null,
  ],
  ["it is critical", {}, 80, null],
  ["it is critical here", { settings: { attention: { critical: 70 } } }, 70, null],
  ["a high gateFrom is critical", { settings: { policy: { gateFrom: 90 } } }, 89, LATER],
])("where %s, a gate is put off accordingly", (_, situation, risk, until) => {
  expect(snoozedUntil(factsOf(situation), { id: "chase-1", risk })).toBe(until);
});

function planOf(situation: Situation): StepPlan {
  const { workspace: desired, observed } = factsOf(situation);
  const run = openRun(pipeline([gateStep("review", {})]));
  const gate = openGate({ items: [gateItem("a", { text: "A" })], ...situation.record });
  return decideGate(runContext(run, { workspace: desired, observed }), gate);
}

test("what is put off says until when, may be answered, and is looked at again then", () => {
  const plan = planOf({});

  expect(plan).toMatchObject({ actions: [], wakes: [LATER] });
  expect(plan.holds).toMatchObject([
    {
      reason: "snoozed",
      why: expect.stringContaining(LATER),
      unblock: expect.stringContaining("fettle snooze chase-1 --until now"),
    },
  ]);
  expect(planOf({ requests: [] }).holds).toMatchObject([{ reason: "awaiting-approval" }]);
});

test("what is put off keeps its deadline", () => {
  const due = { answerBy: "2026-11-23T10:00:00.000Z", onExpire: "reject" } as const;

  expect(planOf({ record: due }).wakes).toEqual([due.answerBy]);
  const over = planOf({ record: { ...due, answerBy: NOW } });
  expect(over.actions).toMatchObject([{ decision: "expired" }]);
});

test("what goes on by itself does not while it is put off, and has its whole time again when it is back", () => {
  const record = {
    risk: { score: 40, factors: [] },
    openedAt: "2026-11-22T06:00:00.000Z",
    vetoUntil: NOW,
  };
  const settings = { policy: { veto: "4h" } } as const;
  const ends = (until: string): readonly string[] => [
    ...planOf({ record, settings, requests: [snooze({ until })] }).wakes,
  ];

  expect(planOf({ record, settings, requests: [] }).actions).toMatchObject([
    { decision: "not-objected" },
  ]);
  expect(planOf({ record, settings }).actions).toEqual([]);
  expect(ends("2026-11-22T09:59:00.000Z")).toEqual(["2026-11-22T13:59:00.000Z"]);
});

test.each<[string, Situation, string | null]>([
  ["while it counts", { record: {} }, null],
  ["by a stranger", { record: {}, requests: [snooze({ by: "eve" })] }, "eve is not an operator"],
  ["when its gate is answered", {}, "gate chase-1 is not open"],
  [
    "when the gate is critical by now",
    { record: { risk: { score: 80, factors: [] } } },
    "gate chase-1 is critical by now",
  ],
])("the request %s is settled: %s", (_, situation, reason) => {
  const { workspace: desired, observed } = factsOf(situation);

  const settled = orphanRequests(desired, observed).map((action) => action.reason);

  expect(settled.map((text) => text.startsWith(reason ?? "?"))).toEqual(
    reason === null ? [] : [true],
  );
});

test("of two words on one gate the earlier one is settled, and the later one stays though its time is over", () => {
  const later = snooze({ id: "s2", at: NOW, until: NOW });
  const { workspace: desired, observed } = factsOf({ record: {}, requests: [snooze(), later] });

  expect(orphanRequests(desired, observed)).toMatchObject([{ request: "s1" }]);
});

function open(id: string): GateOpen {
  const { record } = openGate({ id });
  const {
    head: _,
    openedAt: _at,
    answerBy: _by,
    items: _items,
    absentSince: _since,
    ...gate
  } = record;
  const asked = { project: "shop", because: "", answerWithinMs: null };
  return { kind: "gate-open", ...asked, gate, items: [] };
}

test("a queued gate that is put off stays queued, last, and takes nobody's review", () => {
  const queued = { run: "chase.aaaaaaaaaaaa", step: "review", since: EARLIER, answerBy: null };
  const shop = live({ queuedGates: { "chase-1": queued } });
  const { workspace: desired, observed } = factsOf({
    settings: { attention: { reviewsPerDay: 1 } },
  });
  const projects = new Map([["shop", shop]]);
  const seen = { ...observed, summaries: { ...observed.summaries, projects } };
  // A Monday.
  const facts = { workspace: desired, observed: seen, now: "2026-11-23T10:00:00.000Z" };

  const { actions, holds, queue } = admitGates(facts, [open("chase-1"), open("chase-2")]);

  expect(actions).toMatchObject([{ kind: "gate-open", gate: { id: "chase-2" } }]);
  expect(holds).toMatchObject([{ reason: "snoozed", until: LATER }]);
  expect(queue).toMatchObject([{ id: "chase-1", why: "it is put off", until: LATER }]);
});

function told(situation: Situation): readonly string[] {
  return notificationsOf({ ...factsOf(situation), holds: [], failed: [] }).map(({ key }) => key);
}

test("nobody is told of what is put off, and all are when it is back", () => {
  expect(told({ record: {} })).toEqual([]);
  expect(told({ record: {}, requests: [snooze({ until: NOW })] })).toEqual(["gate-opened/chase-1"]);
});
