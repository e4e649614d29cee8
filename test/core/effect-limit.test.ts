import { expect, test } from "vitest";
import { effectLimitHold } from "#runner/core/effect-limit.ts";
import { NO_SUMMARIES } from "#runner/core/fold.ts";
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

function holdOf(context: RunContext): ReturnType<typeof effectLimitHold> {
  const by = context.run.agents.get("mailer") ?? mailer();
  return effectLimitHold(context, { step: step("send"), agent: by, item: null, scope: {} });
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
  expect(holdOf(context)).toMatchObject({ why: "mailer may act 2 times a day, and has" });
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
    why: "mailer may act 2 times a week, and has",
  });
});

test("an agent without caps is not counted against any", () => {
  expect(holdOf(contextOf({ at: [], now: "2026-11-22T10:00:00.000Z" }))).toBeNull();
});
