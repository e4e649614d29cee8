import { expect, test } from "vitest";
import { TokenSamples } from "#runner/loop/token-samples.ts";

function samples(times: number, bytes: number, hasImages = false): TokenSamples {
  const all = new TokenSamples();
  for (let time = 0; time < times; time += 1) {
    all.note("openai", "m", { bytes, inputTokens: 100, hasImages });
  }
  return all;
}

test.each([
  ["a model that was not asked yet has long inputs", samples(0, 0), 2],
  ["few answers say too little to hope for shorter ones", samples(4, 350), 2],
  ["few answers are enough to fear longer ones", samples(1, 160), 1.6],
  ["what was counted often is believed", samples(5, 350), 3.5],
  ["the bytes of images say nothing", samples(5, 350, true), 2],
])("%s", (_, all, expected) => {
  expect(all.bytesPerToken("openai", "m")).toBe(expected);
  expect(all.bytesPerToken("openai", "other")).toBe(2);
});
