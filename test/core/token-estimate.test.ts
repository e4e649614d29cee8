import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesPerToken, type CountedRequest } from "#runner/core/money/token-estimate.ts";

/** Requests of 1000 tokens with so many bytes each. */
function counted(...ratios: readonly number[]): CountedRequest[] {
  return ratios.map((ratio) => ({ bytes: ratio * 1000, inputTokens: 1000 }));
}

const times = (ratio: number, count: number): number[] =>
  Array.from({ length: count }, () => ratio);

describe("bytes per token", () => {
  test.each<[string, CountedRequest[], number]>([
    ["of a model that was never asked", [], 2],
    ["a few that seem cheap prove nothing", counted(4, 4, 4, 4), 2],
    ["a few that seem dear do", counted(4, 1.8), 1.8],
    ["of fewer than twenty the dearest", counted(3.5, 3.1, 3.6, 3.2, 3.9), 3.1],
    ["of fifty the third dearest", counted(1.6, 1.7, 1.8, ...times(3.5, 47)), 1.8],
    ["only the last fifty", counted(...times(1.6, 20), ...times(3, 50)), 3],
    ["never below 1.5", counted(...times(0.2, 50)), 1.5],
    ["never above 4", counted(...times(40, 50)), 4],
    [
      "what was not counted does not count",
      [{ bytes: 9, inputTokens: 0 }, { bytes: 0, inputTokens: 9 }, ...counted(...times(3, 5))],
      3,
    ],
  ])("%s", (_, requests, ratio) => {
    expect(bytesPerToken(requests)).toBe(ratio);
  });

  const request = fc.record({ bytes: fc.nat(1_000_000), inputTokens: fc.nat(500_000) });

  test("always lies between 1.5 and 4", () => {
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        expect(bytesPerToken(requests)).toBeGreaterThanOrEqual(1.5);
        expect(bytesPerToken(requests)).toBeLessThanOrEqual(4);
      }),
    );
  });

  test("at most one in twenty of the past requests was dearer than it says", () => {
    const possible = fc
      .record({
        inputTokens: fc.integer({ min: 1, max: 100_000 }),
        ratio: fc.double({ min: 1.5, max: 9, noNaN: true }),
      })
      .map(({ inputTokens, ratio }) => ({ inputTokens, bytes: Math.ceil(inputTokens * ratio) }));
    fc.assert(
      fc.property(fc.array(possible, { minLength: 5, maxLength: 50 }), (requests) => {
        const short = requests.filter(
          ({ bytes, inputTokens }) => Math.ceil(bytes / bytesPerToken(requests)) < inputTokens,
        );

        expect(short.length).toBeLessThanOrEqual(requests.length / 20);
      }),
    );
  });
});
