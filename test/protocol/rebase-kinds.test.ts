/** What a lost race makes of each kind of event where nothing else was recorded meanwhile; where something was: rebase.test.ts. */
import { expect, test } from "vitest";
import { attemptPath, receiptPath, runPath } from "#runner/core/state-path.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { rebase, type Recorded, type Tip } from "#runner/protocol/rebase.ts";
import { ADA, attempt, MAIN, receipts, runRecord } from "../support/core-records.ts";
import * as ledger from "../support/ledger-events.ts";

const AT = "2026-11-22T10:00:00.000Z";
const RUN = "chase.aaaaaaaaaaaa";
const UNIT = { run: RUN, step: "draft", item: null, attempt: 1 };
const BASE = `sha256:${"c".repeat(64)}`;
const EFFECT = { key: "k", base: BASE, ordinal: 1, onceKey: "o" };
const SPENT = { micros: 70, tokens: 9, requests: 1, ms: 0 };

type Fate = "kept" | "again" | "not-permitted";

/** Facts and requests are kept, what the state permits is asked for again, and so is what follows from it. */
const FATES: Readonly<Record<LedgerEvent["kind"], Fate>> = {
  "project-applied": "again",
  "project-stalled": "again",
  "project-removed": "again",
  "run-started": "kept",
  "effect-intended": "not-permitted",
  "spend-granted": "not-permitted",
  "spend-settled": "kept",
  "step-finished": "kept",
  "step-checkpointed": "kept",
  "gate-queued": "again",
  "gate-opened": "again",
  "gate-noted": "again",
  "gate-settled": "again",
  "wait-ended": "again",
  "run-finished": "again",
  "files-delivered": "again",
  "edits-adopted": "again",
  "request-made": "kept",
  "request-settled": "again",
  "effect-answered": "kept",
  "rewrite-accepted": "not-permitted",
  "clock-set-right": "not-permitted",
  "payload-dropped": "not-permitted",
  "work-claimed": "not-permitted",
  "state-compacted": "not-permitted",
};

function of(event: LedgerEvent, files: Readonly<Record<string, object>> = {}): Recorded {
  return { event, files: new Map(Object.entries(files)) };
}

const shop = { at: AT, project: "shop" } as const;
const company = { at: AT, project: "" } as const;
const drop = { by: "retention", rule: "30d", digests: null, from: MAIN, head: null };
const folded = { base: MAIN, runs: ["2026-11-01"], hours: [], days: [], receiptsBefore: null };
const claim = { runner: "r1", runs: [RUN], fence: 1, expires: AT };
const answer = { answer: "happened", by: ADA, reason: "seen", request: "1" } as const;

const BOOKED: readonly Recorded[] = [
  of(ledger.applied()),
  of({ kind: "project-stalled", ...shop, commit: MAIN, reason: "x" }),
  of({ kind: "project-removed", ...shop }),
  of(ledger.started({ run: "chase.bbbbbbbbbbbb" }), {
    [runPath("chase.bbbbbbbbbbbb")]: runRecord(),
  }),
  of(ledger.intended({ effect: EFFECT })),
  of({
    kind: "spend-granted",
    ...shop,
    ...UNIT,
    pipeline: "chase",
    agent: "draft",
    grant: "g",
    day: AT.slice(0, 10),
    amount: SPENT,
  }),
  of({ kind: "spend-settled", ...shop, ...UNIT, grant: "g", spent: SPENT }),
  of(ledger.stepFinished(), { [attemptPath(RUN, UNIT, 1)]: attempt("draft") }),
  of(ledger.stepCheckpointed()),
  of({ kind: "gate-queued", ...shop, run: RUN, step: "review", gate: "g1", answerBy: null }),
  of(ledger.gateOpened()),
  of({ kind: "gate-noted", ...shop, gate: "g1", absent: true, problem: null }),
  of(ledger.gateSettled()),
  of(ledger.waitEnded()),
  of(ledger.runFinished()),
  of(ledger.delivered()),
  of({ kind: "edits-adopted", ...shop, commit: MAIN, edits: [] }),
  of({ kind: "request-made", ...shop, request: "2", by: ADA, asks: "run" }),
  of(ledger.requestSettled()),
  of(
    { kind: "effect-answered", ...shop, ...UNIT, agent: "draft", effect: EFFECT, ...answer },
    { [receiptPath(BASE)]: receipts(BASE, [{ ordinal: 1, state: "happened" }]) },
  ),
  of({ kind: "rewrite-accepted", ...company, from: MAIN, to: MAIN, by: ADA, reason: "meant" }),
  of({ kind: "clock-set-right", ...company, day: AT.slice(0, 10) }),
  of({ kind: "payload-dropped", ...company, month: "2026-10", ...drop }),
  of({ kind: "work-claimed", ...company, ...claim }),
  of({ kind: "state-compacted", ...company, ...folded }),
];

/** The run is open, somebody asked for another one, and the effect is in doubt. */
const TIP: Tip = {
  runs: new Map([[RUN, { state: "open", record: runRecord(), attempts: new Map() }]]),
  receipts: new Map([[BASE, receipts(BASE, [{ ordinal: 1, state: "uncertain" }])]]),
  requests: new Set(["1"]),
  saved: new Map(),
  projects: new Set(["shop"]),
  self: "laptop",
};

test("Every kind of event is booked here.", () => {
  expect(BOOKED.map(({ event }) => event.kind).toSorted()).toEqual(Object.keys(FATES).toSorted());
});

test.each(BOOKED.map((one) => [one.event.kind, FATES[one.event.kind], one] as const))(
  "%s: %s",
  (_, fate, one) => {
    const { kept, dropped } = rebase([one], TIP);

    expect([...kept.map(() => "kept"), ...dropped.map(({ why }) => why)]).toEqual([fate]);
  },
);
