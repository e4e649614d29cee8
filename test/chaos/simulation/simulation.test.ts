import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";
import { BUSY, LANES, ORDERLY_LANES } from "./faults.ts";

/** `npm test` lives 2,000 of them, `npm run chaos` 100,000; `FETTLE_FIRST_SEED` to go on from there. */
const SEEDS = Number(process.env["FETTLE_SEEDS"] ?? 150);
const FIRST = Number(process.env["FETTLE_FIRST_SEED"] ?? 1);

test(
  "Whatever crashes, pauses or answers too late: every effect once, every result once, every cap kept, everything comes to its end.",
  () => {
    const broken: string[] = [];
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      const { violations } = simulate(seed);
      if (violations.length > 0) broken.push(`seed ${seed}: ${violations.join("; ")}`);
      if (broken.length > 4) break;
    }

    expect(broken).toEqual([]);
  },
  60_000 + 300 * SEEDS,
);

test.each([
  [379, "a runner that had not heard of a force-push built on what it took back"],
  [2878, "a main that was rewritten and not accepted lifted a cap"],
  [19011, "an operator answered for a runner that was asleep between its word and its deed"],
  [51726, "a runner that lost a race went on from what it knew before when its next push failed"],
  [8972, "a result of long ago ended an attempt in which another runner had begun to act"],
  [4523, "what was saved before took the place of what another runner had saved since"],
  [12728, "a lane's late word of nothing answered for other lanes that were at work and given up"],
  [
    604804,
    "mails of two days of the company stood on one day in Greenwich, which the checker counted",
  ],
  [19, "nobody ticked after the time of a briefing, and what waited for it was never shown"],
])("The life of seed %i is sound: once %s.", (seed) => {
  expect(simulate(seed).violations).toEqual([]);
});

test.each([
  ["an item whose run was called off here and ended elsewhere was handed over again", 73, BUSY],
  ["a late word of a lane freed an effect that another runner had taken over and done", 81, LANES],
  ["what a late result knew was dropped, and others waited for it for ever", 1423, LANES],
  ["a late doubt of one attempt stood beside the success of the next", 1698, LANES],
  ["a lane's late word of nothing answered for what another runner had done and lost", 710, LANES],
  ["a lane's late word of nothing answered after its run was cancelled elsewhere", 8497, LANES],
  ["what one run had done counted as not done by the late word of another", 2721, LANES],
])("What happened once does not happen again: %s (seed %i).", (_, seed, faults) => {
  expect(simulate(seed, { faults }).violations).toEqual([]);
});

test("What a runner at work had told of itself in time is not given up by one that was at work, too, and had not looked since (seed 234).", () => {
  expect(simulate(234, { faults: ORDERLY_LANES })).toMatchObject({ violations: [], doubts: 0 });
});
