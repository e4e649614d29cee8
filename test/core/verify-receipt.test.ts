import { expect, test } from "vitest";
import type { EffectPlan } from "#runner/core/action.ts";
import { type EffectEvent, receiptProblems } from "#runner/core/verify/verify-receipt.ts";
import type { Receipt, ReceiptRecord } from "#runner/schema/types.gen.ts";

const BASE = "sha256:base";
const AT = "2026-11-22T09:00:00.000Z";

/** `free`: the file is there and holds no time. */
type State = Receipt["state"] | "free";

/** The first time of an effect: where it stood, where it stands, what was booked. */
const CASES: readonly {
  readonly name: string;
  readonly before: State | null;
  readonly after: State | null;
  /** Who stands there after it. */
  readonly by?: string;
  readonly events: readonly EffectEvent[];
  readonly rules: readonly string[];
}[] = [
  { name: "an intent", before: null, after: "intended", events: [intended()], rules: [] },
  {
    name: "an intent that is taken over",
    before: "intended",
    after: "intended",
    by: "desk",
    events: [intended({ takenOver: true })],
    rules: [],
  },
  {
    name: "an intent that is taken over from nobody",
    before: null,
    after: "intended",
    events: [intended({ takenOver: true })],
    rules: ["effect-unintended"],
  },
  {
    name: "an outcome",
    before: "intended",
    after: "happened",
    events: [finished("succeeded")],
    rules: [],
  },
  {
    name: "a doubt",
    before: "intended",
    after: "uncertain",
    events: [finished("crashed")],
    rules: [],
  },
  {
    name: "a certain no",
    before: "intended",
    after: "free",
    events: [finished("missing-tool")],
    rules: [],
  },
  {
    name: "an earlier time that is adopted",
    before: "happened",
    after: "happened",
    events: [finished("noop")],
    rules: [],
  },
  {
    name: "no intent before",
    before: null,
    after: "happened",
    events: [finished("succeeded")],
    rules: ["effect-unintended"],
  },
  {
    name: "an intent that claims the outcome",
    before: null,
    after: "happened",
    events: [intended()],
    rules: ["effect-unintended"],
  },
  {
    name: "a second intent",
    before: "happened",
    after: "intended",
    events: [intended()],
    rules: ["effect-twice"],
  },
  {
    name: "a second outcome",
    before: "happened",
    after: "happened",
    events: [finished("succeeded")],
    rules: ["effect-twice"],
  },
  {
    name: "a receipt that was taken back",
    before: "happened",
    after: null,
    events: [finished("noop")],
    rules: ["record", "effect-twice"],
  },
  {
    name: "an intent without a mark",
    before: null,
    after: null,
    events: [intended()],
    rules: ["record"],
  },
  {
    name: "an outcome without a mark",
    before: "intended",
    after: "intended",
    events: [finished("succeeded")],
    rules: ["record"],
  },
  {
    name: "a change that nothing tells of",
    before: "intended",
    after: "happened",
    events: [finished("succeeded", 2)],
    rules: ["record", "record"],
  },
];

test.each(CASES)("$name: $rules", ({ before, after, by, events, rules }) => {
  const problems = receiptProblems(record(before), record(after, by), events);

  expect(problems.map(({ rule }) => rule)).toEqual(rules);
});

test("a receipt must be that of the step which acted", () => {
  const other = { ...receipt("happened"), run: "other.000000000000" };
  const after: ReceiptRecord = { ...EMPTY, receipts: [other] };

  const problems = receiptProblems(record("intended"), after, [finished("succeeded")]);

  expect(problems).toMatchObject([{ rule: "record" }]);
});

const EMPTY = { base: BASE, onceKey: "mail/ada", project: "shop", agent: "mailer" };

function record(state: State | null, runner = "laptop"): ReceiptRecord | undefined {
  if (state === null) return undefined;
  return { ...EMPTY, receipts: state === "free" ? [] : [{ ...receipt(state), runner }] };
}

function receipt(state: Receipt["state"]): Receipt {
  return { ordinal: 1, state, at: AT, run: "mail.000000000000", step: "send", item: null };
}

function effect(ordinal: number): EffectPlan {
  return { key: `sha256:key${ordinal}`, base: BASE, ordinal, onceKey: "mail/ada" };
}

function unit(): Pick<Finished, "at" | "project" | "run" | "step" | "item" | "attempt" | "agent"> {
  const [run, step, item] = ["mail.000000000000", "send", null];
  return { at: AT, project: "shop", run, step, item, attempt: 1, agent: "mailer" };
}

function intended(more: { readonly takenOver?: true } = {}): EffectEvent {
  return { kind: "effect-intended", ...unit(), effect: effect(1), ...more };
}

type Finished = Extract<EffectEvent, { kind: "step-finished" }>;

function finished(outcome: Finished["outcome"], ordinal = 1): EffectEvent {
  const rest = { pipeline: "mail", version: "1.0.0", reason: "", costMicros: 0, ms: 0 };
  return {
    kind: "step-finished",
    ...unit(),
    ...rest,
    outcome,
    effect: effect(ordinal),
    pending: [],
  };
}
