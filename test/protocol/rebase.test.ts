/** What becomes of what was booked when the state has moved on; the simulation tries it in all orders. */
import { expect, test } from "vitest";
import { attemptPath, checkpointsPath, receiptPath, runPath } from "#runner/core/state-path.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { rebase, type Recorded, type Tip, type TipRun } from "#runner/protocol/rebase.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { attempt, receipts, runRecord } from "../support/core-records.ts";
import {
  gateOpened,
  intended,
  runFinished,
  started,
  stepCheckpointed,
  stepFinished,
  waitEnded,
} from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const UNIT = { step: "draft", item: null };
const PATH = attemptPath(RUN, UNIT, 1);
const EFFECT = { key: "k", base: `sha256:${"c".repeat(64)}`, ordinal: 1, onceKey: "o" };

function open(...attempts: readonly ["intended" | "finished", string][]): TipRun {
  const found = attempts.map(([state, path]) => [path, attempt("draft", { state })] as const);
  return { state: "open", record: runRecord(), attempts: new Map(found) };
}

function tip(changes: Partial<Tip> = {}): Tip {
  const runs = new Map([[RUN, open()]]);
  return {
    runs,
    receipts: new Map(),
    requests: new Set(),
    saved: new Map(),
    projects: new Set(["shop"]),
    self: "laptop",
    ...changes,
  };
}

function recorded(event: LedgerEvent, files: Record<string, object | null> = {}): Recorded {
  return { event, files: new Map(Object.entries(files)) };
}

function fate(pending: readonly Recorded[], newest: Tip): readonly string[] {
  const { kept, dropped } = rebase(pending, newest);
  return [
    ...kept.map(({ event }) => `kept ${event.kind}`),
    ...dropped.map(({ event, why }) => `${why} ${event.kind}`),
  ];
}

const result = recorded(stepFinished(), { [PATH]: attempt("draft") });
/** The same run, started with other values. */
const elsewhere: TipRun = {
  state: "open",
  record: runRecord({ params: { month: "2026-10" } }),
  attempts: new Map(),
};
const PARENT = "inbox.bbbbbbbbbbbb";
const trigger = { kind: "pipeline" as const, run: PARENT, step: "each", item: "m1" };
const child = recorded(started({ trigger }), { [runPath(RUN)]: runRecord({ trigger }) });
const [EARLIER, AT, LATER] = ["2026-11-01T09:59Z", "2026-11-01T10:00Z", "2026-11-01T10:01Z"];
const saved = recorded(stepCheckpointed({ at: AT }), { [checkpointsPath(RUN, UNIT)]: { page: 3 } });
const start = recorded(started(), { [runPath(RUN)]: runRecord() });

test.each<[string, readonly Recorded[], Tip, readonly string[]]>([
  ["a result is a fact", [result], tip(), ["kept step-finished"]],
  [
    "the first result of an attempt wins",
    [result],
    tip({ runs: new Map([[RUN, open(["finished", PATH])]]) }),
    ["recorded-already step-finished"],
  ],
  [
    "a result without an effect does not end an attempt in which another runner has begun to act",
    [
      result,
      recorded(stepFinished({ effect: EFFECT, outcome: "noop" }), { [PATH]: attempt("draft") }),
    ],
    tip({ runs: new Map([[RUN, open(["intended", PATH])]]) }),
    ["recorded-already step-finished", "recorded-already step-finished"],
  ],
  [
    "a closed run takes no results",
    [result],
    tip({ runs: new Map([[RUN, { state: "closed" }]]) }),
    ["recorded-already step-finished"],
  ],
  [
    "that an effect is given up follows from the state",
    [
      recorded(stepFinished({ effect: EFFECT, outcome: "uncertain", givenUp: true }), {
        [PATH]: attempt("draft"),
        [receiptPath(EFFECT.base)]: receipts(EFFECT.base, [{ ordinal: 1, state: "uncertain" }]),
      }),
    ],
    tip({ runs: new Map([[RUN, open(["intended", PATH])]]) }),
    ["again step-finished"],
  ],
  ["what a step at work has saved is a fact", [saved], tip(), ["kept step-checkpointed"]],
  [
    "an attempt that has a result needs nothing that it has saved",
    [saved],
    tip({ runs: new Map([[RUN, open(["finished", PATH])]]) }),
    ["recorded-already step-checkpointed"],
  ],
  [
    "what was saved does not take the place of what another runner has saved since",
    [saved],
    tip({ saved: new Map([[checkpointsPath(RUN, UNIT), LATER]]) }),
    ["recorded-already step-checkpointed"],
  ],
  [
    "what was saved before is replaced",
    [saved],
    tip({ saved: new Map([[checkpointsPath(RUN, UNIT), EARLIER]]) }),
    ["kept step-checkpointed"],
  ],
  [
    "a closed run takes nothing that was saved",
    [saved],
    tip({ runs: new Map([[RUN, { state: "closed" }]]) }),
    ["recorded-already step-checkpointed"],
  ],
  [
    "what belongs to a run of other values is lost with it",
    [recorded(started(), { [runPath(RUN)]: runRecord() }), saved],
    tip({ runs: new Map([[RUN, elsewhere]]) }),
    ["recorded-already run-started", "recorded-already step-checkpointed"],
  ],
  [
    "a permission is asked for again",
    [recorded(intended())],
    tip(),
    ["not-permitted effect-intended"],
  ],
  [
    "what follows from the state is planned again",
    [recorded(gateOpened()), recorded(waitEnded()), recorded(runFinished())],
    tip(),
    ["again gate-opened", "again wait-ended", "again run-finished"],
  ],
  [
    "a run that was asked for starts once",
    [start],
    tip({ runs: new Map(), requests: new Set(["1"]) }),
    ["kept run-started"],
  ],
  [
    "a run whose request was served meanwhile does not start again",
    [start],
    tip({ runs: new Map() }),
    ["not-permitted run-started"],
  ],
  [
    "a run that a step of another run waits for starts while that one is open",
    [child],
    tip({ runs: new Map([[PARENT, open()]]) }),
    ["kept run-started"],
  ],
  [
    "a run that nobody waits for any more does not start",
    [child],
    tip({ runs: new Map([[PARENT, { state: "closed" }]]) }),
    ["not-permitted run-started"],
  ],
  [
    "an item that another runner handed over meanwhile is not handed over again",
    [child],
    tip({
      runs: new Map<string, TipRun>([
        [PARENT, open()],
        [RUN, { state: "closed" }],
      ]),
    }),
    ["recorded-already run-started"],
  ],
  [
    "results of the same start count, whoever started",
    [start, result],
    tip(),
    ["kept step-finished", "recorded-already run-started"],
  ],
  [
    "results of another start do not",
    [start, result],
    tip({ runs: new Map([[RUN, elsewhere]]) }),
    ["recorded-already run-started", "recorded-already step-finished"],
  ],
  [
    "what was made from a lost result is lost, too",
    [result, recorded(stepFinished({ step: "later" }))],
    tip({ runs: new Map([[RUN, open(["finished", PATH])]]) }),
    ["recorded-already step-finished", "recorded-already step-finished"],
  ],
])("%s", (_, pending, newest, expected) => {
  expect(fate(pending, newest)).toEqual(expected);
});

const SENT = attemptPath(RUN, { step: "send", item: null }, 1);
const sent = recorded(stepFinished({ step: "send", effect: EFFECT }), {
  [SENT]: attempt("draft"),
  [receiptPath(EFFECT.base)]: receipts(EFFECT.base, [{ ordinal: 1, state: "happened" }]),
});

test("what happened in the world is kept with the receipts of others", () => {
  const theirs = receipts(EFFECT.base, [
    { ordinal: 1, state: "intended" },
    { ordinal: 2, state: "intended" },
  ]);
  const newest = tip({
    runs: new Map([[RUN, open(["intended", SENT])]]),
    receipts: new Map([[EFFECT.base, theirs]]),
  });

  const [kept] = rebase([sent], newest).kept;

  expect(kept?.event.kind).toBe("step-finished");
  expect(kept?.files.get(receiptPath(EFFECT.base))).toMatchObject({
    receipts: [
      { ordinal: 1, state: "happened" },
      { ordinal: 2, state: "intended" },
    ],
  });
});

test("a result that comes after its attempt was given up answers the doubt", () => {
  const theirs = receipts(EFFECT.base, [{ ordinal: 1, state: "uncertain" }]);
  const newest = tip({
    runs: new Map([[RUN, { state: "closed" }]]),
    receipts: new Map([[EFFECT.base, theirs]]),
  });

  const [kept] = rebase([sent], newest).kept;

  expect(kept?.event).toMatchObject({ kind: "effect-answered", answer: "happened", by: "runner" });
});

test("a result that another one has recorded already is no news", () => {
  const theirs = receipts(EFFECT.base, [{ ordinal: 1, state: "happened" }]);
  const newest = tip({
    runs: new Map([[RUN, { state: "closed" }]]),
    receipts: new Map([[EFFECT.base, theirs]]),
  });

  expect(fate([sent], newest)).toEqual(["recorded-already step-finished"]);
});

test.each<[string, string | undefined, Outcome | null, readonly string[]]>([
  ["frees the effect whose intent is its own", "laptop", null, ["kept step-finished"]],
  ["frees the effect whose intent names nobody", undefined, null, ["kept step-finished"]],
  [
    "says nothing of what another runner does, or has done, that has taken the intent over",
    "desk",
    null,
    ["recorded-already step-finished"],
  ],
  [
    "says nothing of what another runner goes on with after its attempt was given up",
    "laptop",
    "crashed",
    ["recorded-already step-finished"],
  ],
  [
    "says nothing of a doubt that somebody else has told",
    "laptop",
    "uncertain",
    ["recorded-already step-finished"],
  ],
])("A result of which nothing was begun %s.", (_, runner, outcome, expected) => {
  const nothing = recorded(stepFinished({ step: "send", effect: EFFECT, outcome: "auth" }), {
    [SENT]: attempt("draft"),
    [receiptPath(EFFECT.base)]: receipts(EFFECT.base, []),
  });
  const there = attempt("send", { outcome, state: outcome === null ? "intended" : "finished" });
  const state = outcome === "uncertain" ? outcome : "intended";
  const by = runner === undefined ? {} : { runner };
  const intent = { ordinal: 1, state, run: RUN, ...by } as const;
  const run: TipRun = {
    state: "open",
    record: runRecord(),
    attempts: new Map([[SENT, there]]),
  };
  const newest = tip({
    runs: new Map([[RUN, run]]),
    receipts: new Map([[EFFECT.base, receipts(EFFECT.base, [intent])]]),
  });

  expect(fate([nothing], newest)).toEqual(expected);
});

const GRANT = { grant: "g1", spent: { micros: 70, tokens: 9, requests: 1, ms: 0 } };

test("What an attempt took is kept where its result is not, and is no second result.", () => {
  const paid = recorded(stepFinished(GRANT), { [PATH]: attempt("draft") });
  const there = tip({ runs: new Map([[RUN, open(["finished", PATH])]]) });

  expect(fate([paid], tip())).toEqual(["kept step-finished"]);
  expect(rebase([paid], there)).toMatchObject({
    kept: [{ event: { kind: "spend-settled", ...GRANT } }],
    dropped: [{ why: "recorded-already" }],
  });
});

test("A grant is asked for anew on a newer state; what was taken of one is a fact.", () => {
  const who = { at: "2026-11-22T10:00:00.000Z", project: "shop", run: RUN, ...UNIT, attempt: 1 };
  const { grant, spent } = GRANT;
  const to = { pipeline: "chase", agent: "draft", day: "2026-11-22" };
  const given = recorded({ kind: "spend-granted", ...who, ...to, grant, amount: spent });
  const taken = recorded({ kind: "spend-settled", ...who, grant, spent });

  expect(fate([given, taken], tip())).toEqual([
    "kept spend-settled",
    "not-permitted spend-granted",
  ]);
});
