/** What is kept of several transactions, where those that were booked first count for those behind them. */
import { expect, test } from "vitest";
import { attemptPath, receiptPath, requestPath, runPath } from "#runner/core/state-path.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { rebase, type Recorded, type Tip } from "#runner/protocol/rebase.ts";
import { ADA, attempt, receipts, runRecord } from "../support/core-records.ts";
import { applied, runFinished, started, stepFinished } from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const AT = "2026-11-22T10:00:00.000Z";
const BASE = `sha256:${"c".repeat(64)}`;
const EFFECT = { key: "k", base: BASE, ordinal: 1, onceKey: "o" };

/** Nothing but these. */
function tip(changes: Partial<Tip> = {}): Tip {
  return {
    runs: new Map(),
    receipts: new Map(),
    requests: new Set(),
    saved: new Map(),
    projects: new Set(),
    self: "laptop",
    ...changes,
  };
}

function of(event: LedgerEvent, files: Readonly<Record<string, object>> = {}): Recorded {
  return { event, files: new Map(Object.entries(files)) };
}

function fates(pending: readonly Recorded[], newest: Tip): readonly string[] {
  const { kept, dropped } = rebase(pending, newest);
  return [
    ...kept.map(({ event }) => `kept ${event.kind}`),
    ...dropped.map(({ event, why }) => `${why} ${event.kind}`),
  ];
}

const asked = of(
  { kind: "request-made", at: AT, project: "shop", request: "1", by: ADA, asks: "run" },
  { [requestPath("1")]: { id: "1", by: ADA } },
);
const start = of(started(), { [runPath(RUN)]: runRecord() });
const DRAFT = attemptPath(RUN, { step: "draft", item: null }, 1);
const draft = of(stepFinished(), { [DRAFT]: attempt("draft") });

test("A project, a request, the run that it asks for and a result of that are kept where nothing is known of any.", () => {
  expect(fates([of(applied()), asked, start, draft], tip())).toEqual([
    "kept project-applied",
    "kept request-made",
    "kept run-started",
    "kept step-finished",
  ]);
});

test("A request that is known already is not made again.", () => {
  expect(fates([asked], tip({ requests: new Set(["1"]) }))).toEqual([
    "recorded-already request-made",
  ]);
});

test("A run does not start in a project that is gone.", () => {
  expect(fates([start], tip({ requests: new Set(["1"]) }))).toEqual(["not-permitted run-started"]);
});

const OPEN: Tip["runs"] = new Map([
  [RUN, { state: "open", record: runRecord(), attempts: new Map() }],
]);

test("Of two results of one attempt the first is kept.", () => {
  expect(fates([draft, draft], tip({ runs: OPEN }))).toEqual([
    "kept step-finished",
    "recorded-already step-finished",
  ]);
});

function sent(ordinal: number, more: Parameters<typeof stepFinished>[0] = {}): Recorded {
  const unit = { step: "send", item: String(ordinal) };
  const effect = { ...EFFECT, key: `k${ordinal}`, ordinal };
  return of(stepFinished({ ...unit, effect, ...more }), {
    [attemptPath(RUN, unit, 1)]: attempt("send", unit),
    [receiptPath(BASE)]: receipts(BASE, [{ ordinal, state: "happened" }]),
  });
}

test("Two effects of one name that have happened both stand in its record.", () => {
  const { kept } = rebase([sent(1), sent(2)], tip({ runs: OPEN }));

  expect(kept.at(-1)?.files.get(receiptPath(BASE))).toMatchObject({
    receipts: [{ ordinal: 1 }, { ordinal: 2 }],
  });
});

type State = "intended" | "happened" | "uncertain";

/** The run is over, and so much is known of the effect, by its own word unless another one is named. */
function over(state: State, run = RUN): Tip {
  const known = new Map([[BASE, receipts(BASE, [{ ordinal: 1, state, run, item: "1" }])]]);
  return tip({ runs: new Map([[RUN, { state: "closed" }]]), receipts: known });
}

function late(state: State, more: Parameters<typeof stepFinished>[0] = {}): Recorded {
  const { event, files } = sent(1, more);
  const own = receipts(BASE, [{ ordinal: 1, state }]);
  return { event, files: new Map(files).set(receiptPath(BASE), own) };
}

test.each<[there: State, ours: State, fate: string]>([
  ["intended", "happened", "kept effect-answered"],
  ["intended", "uncertain", "kept effect-answered"],
  ["uncertain", "happened", "kept effect-answered"],
  ["uncertain", "uncertain", "recorded-already step-finished"],
  ["happened", "uncertain", "recorded-already step-finished"],
])("Of an effect that is known as %s a late result says %s: %s", (there, ours, fate) => {
  expect(fates([late(ours)], over(there))).toEqual([fate]);
});

test.each<[ours: State, fate: string]>([
  ["happened", "kept effect-answered"],
  ["uncertain", "recorded-already step-finished"],
])("Of an effect that another run intends by now a late result says %s: %s", (ours, fate) => {
  expect(fates([late(ours)], over("intended", "other.bbbbbbbbbbbb"))).toEqual([fate]);
});

test.each<[ours: State, fate: string]>([
  ["happened", "kept effect-answered"],
  ["uncertain", "recorded-already step-finished"],
])("Of an effect whose next attempt has begun a late result says %s: %s", (ours, fate) => {
  const unit = { step: "send", item: "1" };
  const attempts = new Map(
    [1, 2].map((count) => [
      attemptPath(RUN, unit, count),
      attempt("send", { ...unit, attempt: count }),
    ]),
  );
  const runs = new Map([[RUN, { state: "open" as const, record: runRecord(), attempts }]]);

  expect(fates([late(ours)], { ...over("intended"), runs })).toEqual([fate]);
});

test("What a late effect took of its grant is kept beside what became of it.", () => {
  const spent = { micros: 70, tokens: 9, requests: 1, ms: 0 };

  expect(fates([late("happened", { grant: "g", spent })], over("uncertain"))).toEqual([
    "kept effect-answered",
    "kept spend-settled",
  ]);
});

const WHO = { run: RUN, step: "send", item: null, agent: "mailer", effect: EFFECT };
const WORD = { answer: "happened", by: ADA, reason: "", request: "1" } as const;
const answered = of(
  { kind: "effect-answered", at: AT, project: "shop", ...WHO, ...WORD },
  { [receiptPath(BASE)]: receipts(BASE, [{ ordinal: 1, state: "happened" }]) },
);

test.each([
  ["is in doubt", over("uncertain"), ["1"], "kept effect-answered"],
  ["is in doubt no more", over("happened"), ["1"], "again effect-answered"],
  ["is about to happen by now", over("intended"), ["1"], "again effect-answered"],
  ["somebody has answered for", over("uncertain"), [], "recorded-already effect-answered"],
])("An operator's answer for an effect that %s", (_, newest, requests, fate) => {
  expect(fates([answered], { ...newest, requests: new Set(requests) })).toEqual([fate]);
});

test.each<[ours: "happened" | null, there: State, fate: string]>([
  ["happened", "intended", "kept effect-answered"],
  ["happened", "happened", "again effect-answered"],
  [null, "intended", "again effect-answered"],
  [null, "uncertain", "again effect-answered"],
])(
  "What a late result says, %s, once more overtaken where the effect is %s: %s",
  (ours, there, fate) => {
    const own = receipts(BASE, ours === null ? [] : [{ ordinal: 1, state: ours }]);
    const word = { ...WORD, answer: ours ?? "did-not", by: "runner", request: null } as const;
    const event = { kind: "effect-answered", at: AT, project: "shop", ...WHO, ...word } as const;
    const again = of({ ...event, item: "1" }, { [receiptPath(BASE)]: own });

    expect(fates([again], over(there))).toEqual([fate]);
  },
);

test("An item is not handed over again for an end of its run that did not come to pass.", () => {
  const parent = { run: "inbox.bbbbbbbbbbbb", step: "each", item: "m1" };
  const [off, child] = ["handle.cccccccccccc", "handle.dddddddddddd"];
  const ended = of(runFinished({ run: off, pipeline: "handle", result: "cancelled", parent }));
  const trigger = { kind: "pipeline", ...parent } as const;
  const again = (item: string): Recorded =>
    of(started({ run: child, pipeline: "handle", trigger: { ...trigger, item } }));
  const open = { state: "open", record: runRecord(), attempts: new Map() } as const;
  const newest = tip({ runs: new Map([[parent.run, open]]), projects: new Set(["shop"]) });

  expect(fates([ended, again("m1")], newest)).toEqual([
    "again run-finished",
    "not-permitted run-started",
  ]);
  expect(fates([ended, again("m2")], newest)).toEqual(["kept run-started", "again run-finished"]);
});
