import { expect, test } from "vitest";
import * as fc from "fast-check";
import { gateId, itemSlug, keyText, runId, shortDigest } from "#runner/core/identifier.ts";

test("a short digest is base32 of the asked length and depends on the content alone", () => {
  expect(shortDigest({ a: 1, b: 2 }, 12)).toMatch(/^[0-9a-hjkmnp-tv-z]{12}$/);
  expect(shortDigest({ a: 1, b: 2 }, 12)).toBe(shortDigest({ b: 2, a: 1 }, 12));
  expect(shortDigest({ a: 1 }, 12)).not.toBe(shortDigest({ a: 2 }, 12));
});

test("a run's name depends on project, pipeline and slot", () => {
  const ids = [
    runId("shop", "chase", "1"),
    runId("shop", "chase", "2"),
    runId("store", "chase", "1"),
    runId("shop", "call", "1"),
  ];

  expect(ids[0]).toMatch(/^chase\.[0-9a-z]{12}$/);
  expect(new Set(ids).size).toBe(4);
  expect(runId("shop", "chase", "1")).toBe(ids[0]);
});

test("a gate's name is part of a branch name, however long the pipeline's", () => {
  expect(gateId("p".repeat(63), "run", "review")).toMatch(/^p{48}-[0-9a-z]{8}$/);
  expect(gateId("p", "run", "review")).not.toBe(gateId("p", "run", "other"));
});

test.each([
  ["INV-1", /^inv-1-[0-9a-z]{12}$/],
  ["inv-1", /^inv-1$/],
  ["Müller & Söhne", /^mu-ller-so-hne-[0-9a-z]{12}$/],
  ["明", /^item-[0-9a-z]{12}$/],
  ["../../etc/passwd", /^etc-passwd-[0-9a-z]{12}$/],
  ["x".repeat(99), /^x{40}-[0-9a-z]{12}$/],
])("the item %j is kept under a readable name", (key, name) => {
  expect(itemSlug(key)).toMatch(name);
});

test("two items never share a name, not even by intent", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      fc.pre(one !== other);
      expect(itemSlug(one)).not.toBe(itemSlug(other));
    }),
  );
  expect(itemSlug(itemSlug("INV-1"))).not.toBe(itemSlug("INV-1"));
});

test.each([
  ["a", "a"],
  [7, "7"],
  ["", null],
  [null, null],
  [undefined, null],
  [true, null],
  [{}, null],
  [["a"], null],
])("%j identifies as %j", (value, text) => {
  expect(keyText(value)).toBe(text);
});
