import * as fc from "fast-check";
import { expect, test } from "vitest";
import { estimatedInput } from "#runner/core/money/input-estimate.ts";
import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { dearestCost, outputWithin } from "#runner/core/money/worst-case.ts";

const price = ({ inFresh, cacheRead, cacheWrite, outText, reasoning }: TokenUsage): number =>
  Math.ceil(inFresh * 3 + cacheRead * 0.3 + cacheWrite * 3.75 + outText * 15 + reasoning * 16);

test("the dearest bucket of each side counts", () => {
  expect(dearestCost(price, 100, 10)).toBe(375 + 160);
});

test("an answer is as long as the money and the tokens pay, and no longer", () => {
  fc.assert(
    fc.property(
      fc.record({
        input: fc.nat(5000),
        most: fc.nat(50_000),
        micros: fc.nat(1_000_000),
        tokens: fc.nat(60_000),
      }),
      ({ input, most, micros, tokens }) => {
        const output = outputWithin(price, input, { amount: { micros, tokens }, most });

        expect(output).toBeLessThanOrEqual(most);
        const pays = (count: number): boolean =>
          dearestCost(price, input, count) <= micros && input + count <= tokens;
        expect(output === 0 || pays(output)).toBe(true);
        expect(output < most && pays(output + 1)).toBe(false);
      },
    ),
  );
});

test.each([
  ["English", "word ".repeat(700), 1000],
  ["Chinese", "你好".repeat(500), 1480],
])("%s of 1000 tokens or so is not taken for less", (_name, text, least) => {
  const size = { chars: text.length, bytes: Buffer.byteLength(text), images: 0 };

  expect(estimatedInput(size, 3.5)).toBeGreaterThanOrEqual(least);
});

test("an image counts for itself", () => {
  const none = estimatedInput({ chars: 0, bytes: 0, images: 0 }, 3.5);

  expect(estimatedInput({ chars: 0, bytes: 0, images: 2 }, 3.5) - none).toBe(12_000);
});
