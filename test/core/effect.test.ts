import { expect, test } from "vitest";
import * as fc from "fast-check";
import {
  decideEffect,
  effectBase,
  effectPlan,
  stricterOnce,
  undoBase,
  undoName,
} from "#runner/core/effect.ts";
import type { Once, Receipt } from "#runner/schema/types.gen.ts";
import { NOW } from "../support/core-builders.ts";
import { receipts } from "../support/core-records.ts";

const owner = { run: "chase.aaaaaaaaaaaa", step: "send", item: "INV-1" };

function decide(list: readonly Partial<Receipt>[], once: Partial<Once> = {}): unknown {
  return decideEffect(receipts("b", list), { key: "k", ...once }, { now: NOW, owner });
}

const twoDaysAgo = { at: "2026-11-20T10:00:00.000Z" };

test.each<[string, readonly Partial<Receipt>[], Partial<Once>, object]>([
  ["nothing happened yet", [], {}, { kind: "do", ordinal: 1 }],
  ["it happened and may not again", [twoDaysAgo], {}, { kind: "done" }],
  [
    "it happened too recently",
    [twoDaysAgo],
    { every: "3d" },
    { kind: "done", why: "done on 2026-11-20, not again within 3d" },
  ],
  ["it happened long enough ago", [twoDaysAgo], { every: "2d" }, { kind: "do", ordinal: 2 }],
  [
    "it happened often enough",
    [{}, twoDaysAgo],
    { every: "1d", max: 2 },
    { kind: "done", why: "done 2 times, at most 2" },
  ],
  [
    "it may happen once more",
    [{}, twoDaysAgo],
    { every: "1d", max: 3 },
    { kind: "do", ordinal: 3 },
  ],
  [
    "its own intent stands",
    [{ state: "intended", ...owner }],
    {},
    { kind: "resume", ordinal: 1, runner: null },
  ],
  [
    "another item's intent stands",
    [{ state: "intended", ...owner, item: "INV-2" }],
    {},
    { kind: "wait" },
  ],
  [
    "another run's intent stands",
    [{ state: "intended", ...owner, run: "x.y" }],
    {},
    { kind: "wait" },
  ],
  [
    "it may have happened, even here",
    [{ state: "uncertain", ...owner }],
    { every: "1s" },
    { kind: "wait" },
  ],
])("when %s", (_, list, once, decision) => {
  expect(decide(list, once)).toMatchObject(decision);
});

test("a record that lost its receipts is as good as none", () => {
  expect(decideEffect(null, { key: "k" }, { now: NOW, owner })).toEqual({ kind: "do", ordinal: 1 });
});

test("whatever is recorded, a new ordinal only ever follows one that has happened", () => {
  const receipt = fc.record({
    state: fc.constantFrom("intended" as const, "happened" as const, "uncertain" as const),
    run: fc.constantFrom(owner.run, "other.x"),
    at: fc.constantFrom("2026-11-01T00:00:00.000Z", NOW),
  });
  const once = fc.record({
    every: fc.constantFrom("1s", "7d"),
    max: fc.integer({ min: 1, max: 4 }),
  });

  fc.assert(
    fc.property(fc.array(receipt, { maxLength: 4 }), once, (list, rule) => {
      const decision = decideEffect(
        receipts("b", list),
        { key: "k", ...rule },
        { now: NOW, owner },
      );

      if (decision.kind !== "do") return;
      expect(decision.ordinal).toBe(list.length + 1);
      expect(decision.ordinal).toBeLessThanOrEqual(rule.max);
      expect(list.at(-1)?.state ?? "happened").toBe("happened");
    }),
  );
});

test("the key of an effect names project, agent, text and ordinal, and never the run", () => {
  const base = effectBase("shop", "mailer", "k");

  expect(
    new Set([
      base,
      effectBase("shop", "mailer", "l"),
      effectBase("shop", "post", "k"),
      effectBase("x", "mailer", "k"),
    ]).size,
  ).toBe(4);
  expect(effectPlan(base, "k", 1)).toEqual({
    ...effectPlan(base, "k", 1),
    base,
    ordinal: 1,
    onceKey: "k",
  });
  expect(effectPlan(base, "k", 1).key).not.toBe(effectPlan(base, "k", 2).key);
});

test("what undoes an effect derives from all that names it, whoever does it", () => {
  const bases = [
    undoBase({ base: effectBase("shop", "a", "k"), ordinal: 1 }),
    undoBase({ base: effectBase("shop", "b", "k"), ordinal: 1 }),
    undoBase({ base: effectBase("shop", "a", "k"), ordinal: 2 }),
    undoBase({ base: effectBase("shop", "a", "k/2"), ordinal: 1 }),
  ];

  expect(new Set(bases).size).toBe(4);
});

test("two undoings are never called the same", () => {
  const names = [
    undoName("a", { onceKey: "k", ordinal: 1 }),
    undoName("b", { onceKey: "k", ordinal: 1 }),
    undoName("a", { onceKey: "k", ordinal: 2 }),
    undoName("a", { onceKey: "2/k", ordinal: 1 }),
    undoName("a", { onceKey: "k/2", ordinal: 1 }),
  ];

  expect(names[0]).toBe("undo/a/k");
  expect(new Set(names).size).toBe(5);
});

test.each([
  [{ every: "14d", max: 3 }, undefined, { every: "14d", max: 3 }],
  [
    { every: "14d", max: 3 },
    { every: "14d", max: 1 },
    { every: "14d", max: 1 },
  ],
  [
    { every: "14d", max: 1 },
    { every: "14d", max: 3 },
    { every: "14d", max: 1 },
  ],
  [{ every: "14d" }, { every: "30d", max: 2 }, { every: "30d", max: 2 }],
  [{ every: "30d" }, { every: "2w" }, { every: "30d" }],
  [{ every: "14d", max: 3 }, { max: 3 }, { max: 3 }],
  [{}, { every: "14d" }, {}],
] as const)("of the limits %j and %j, in force by now, %j hold", (pinned, current, expected) => {
  const now = current === undefined ? undefined : { key: "another", ...current };

  expect(stricterOnce({ key: "k", ...pinned }, now)).toEqual({ key: "k", ...expected });
});
