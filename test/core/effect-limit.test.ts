import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { limitEffect } from "#runner/core/effect-limit.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { EffectLimit } from "#runner/schema/types.gen.ts";
import {
  EMPTY,
  mailer,
  openRun,
  pipeline,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";

interface Situation {
  readonly at: readonly string[];
  readonly now: string;
  readonly pinned?: readonly EffectLimit[];
  readonly current?: readonly EffectLimit[];
}

function contextOf({ at, now, pinned = [], current = [] }: Situation): RunContext {
  const run = openRun(pipeline([step("send", { agent: "mailer" })]), {
    agents: [mailer({ effectLimits: [...pinned] })],
  });
  const settings = { timezone: "Europe/Berlin" };
  const version = project({ agents: [mailer({ effectLimits: [...current] })] });
  const effects = { mailer: [...at] };
  const summaries = { ...NO_SUMMARIES, workspace: { ...NO_SUMMARIES.workspace, effects } };
  return runContext(run, {
    workspace: workspace([version], { settings }),
    observed: { ...EMPTY, summaries },
    now,
  });
}

function holdOf(context: RunContext, inputs: Readonly<Record<string, unknown>> = {}): Hold | null {
  const by = context.run.agents.get("mailer") ?? mailer();
  const unit = { step: step("send"), agent: by, item: null, scope: {} };
  const limited = limitEffect(context, unit, inputs);
  return limited.ok ? null : limited.hold;
}

// Midnight in Berlin is 23:00 UTC in winter and 22:00 UTC in summer.
test.each<[EffectLimit["per"], string, string, string]>([
  ["day", "2026-11-21T23:00:00.000Z", "2026-11-22T22:59:59.000Z", "2026-11-22T23:00:00.000Z"],
  ["week", "2026-11-15T23:00:00.000Z", "2026-11-22T22:59:59.000Z", "2026-11-22T23:00:00.000Z"],
  ["month", "2026-10-31T23:00:00.000Z", "2026-11-30T22:59:59.000Z", "2026-11-30T23:00:00.000Z"],
  ["month", "2026-09-30T22:00:00.000Z", "2026-10-31T22:59:59.000Z", "2026-10-31T23:00:00.000Z"],
])(
  "per %s: the window is the operator's calendar's, and the hold ends with it",
  (per, first, last, next) => {
    const pinned = [{ per, count: 1 }];

    expect(holdOf(contextOf({ at: [first], now: last, pinned }))).toMatchObject({
      reason: "effect-limit",
      until: next,
    });
    expect(holdOf(contextOf({ at: [first], now: next, pinned }))).toBeNull();
  },
);

test("the last effect that fits is let through, and one plan does not let two through", () => {
  const context = contextOf({
    at: ["2026-11-22T09:00:00.000Z"],
    now: "2026-11-22T10:00:00.000Z",
    pinned: [{ per: "day", count: 2 }],
  });

  expect(holdOf(context)).toBeNull();
  expect(holdOf(context)).toMatchObject({
    why: "mailer may act 2 times a day, and has acted that often",
  });
});

test("while a rewritten main is not accepted, what it permits is not taken", () => {
  const context = contextOf({ at: [], now: "2026-11-22T10:00:00.000Z" });
  const rewritten = { ...context, observed: { ...context.observed, descends: false } };

  expect(holdOf(context)).toBeNull();
  expect(holdOf(rewritten)).toMatchObject({ reason: "rewritten-history", until: null });
});

test("of the pinned and the current caps the stricter holds", () => {
  const at = ["2026-11-22T09:00:00.000Z"];
  const now = "2026-11-22T10:00:00.000Z";
  const [wide, narrow] = [[{ per: "day", count: 9 }], [{ per: "day", count: 1 }]] as const;

  expect(holdOf(contextOf({ at, now, pinned: wide, current: narrow }))).not.toBeNull();
  expect(holdOf(contextOf({ at, now, pinned: narrow, current: wide }))).not.toBeNull();
  expect(holdOf(contextOf({ at, now, pinned: wide, current: wide }))).toBeNull();
});

test("of several caps each holds", () => {
  const at = ["2026-11-20T09:00:00.000Z", "2026-11-22T09:00:00.000Z"];
  const pinned = [
    { per: "day", count: 2 },
    { per: "week", count: 2 },
  ] as const;

  expect(holdOf(contextOf({ at, now: "2026-11-22T10:00:00.000Z", pinned }))).toMatchObject({
    why: "mailer may act 2 times a week, and has acted that often",
  });
});

test("an agent without caps is not counted against any", () => {
  expect(holdOf(contextOf({ at: [], now: "2026-11-22T10:00:00.000Z" }))).toBeNull();
});

const REFUNDS: EffectLimit = { per: "day", sum: "${{ inputs.amount }}", max: 100, unit: "EUR" };

test("A sum is kept below its cap, with what this plan adds already.", () => {
  const context = contextOf({ at: [], now: "2026-11-22T10:00:00.000Z", pinned: [REFUNDS] });

  expect(holdOf(context, { amount: 60.5 })).toBeNull();
  expect(holdOf(context, { amount: 39.6 })).toMatchObject({
    reason: "effect-limit",
    why: "mailer may act on 100 EUR a day: 60.5 EUR are used, and this one comes to 39.6 EUR",
    until: "2026-11-22T23:00:00.000Z",
  });
  expect(holdOf(context, { amount: 39.5 })).toBeNull();
  expect(holdOf(context, { amount: 0.000001 })).toMatchObject({ reason: "effect-limit" });
});

test("What was summed earlier in the window counts, and nothing before it.", () => {
  const context = contextOf({ at: [], now: "2026-11-22T10:00:00.000Z", current: [REFUNDS] });
  const effectSums = {
    mailer: {
      EUR: [
        { at: "2026-11-21T22:59:59.000Z", micros: 90_000_000 },
        { at: "2026-11-21T23:00:00.000Z", micros: 70_000_000 },
      ],
    },
  };
  const { observed } = context;
  const { summaries } = observed;
  const known = { ...summaries, workspace: { ...summaries.workspace, effectSums } };
  const later = { ...context, observed: { ...observed, summaries: known } };

  expect(holdOf(later, { amount: 30.01 })).toMatchObject({ reason: "effect-limit" });
  expect(holdOf(later, { amount: 30 })).toBeNull();
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "12", null, undefined, 1e300])(
  "What is no amount is held: %s",
  (amount) => {
    const context = contextOf({ at: [], now: "2026-11-22T10:00:00.000Z", pinned: [REFUNDS] });

    expect(holdOf(context, { amount })).toMatchObject({ reason: "expression" });
  },
);

test("A cap with cents that are no binary fraction can be used up.", () => {
  const pinned = [{ ...REFUNDS, max: 2.01 }];
  const context = contextOf({ at: [], now: "2026-11-22T10:00:00.000Z", pinned });

  expect(holdOf(context, { amount: 2.01 })).toBeNull();
});
