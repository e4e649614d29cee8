import { expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { simulate, type Life } from "./simulate.ts";
import { RULES, type Rules } from "./world.ts";

/** The later seeds are for the rarest: a probe that meets a paused runner. */
const MOST_SEEDS = 300;
const COUNTED_SEEDS = 150;

interface Counters {
  /** Effects that ended in doubt, and those still in doubt at the end, per effect. */
  readonly doubts: number;
  readonly left: number;
  /** Executions per recorded result. */
  readonly waste: number;
}

function livesWith(rules: Rules): readonly Life[] {
  return Array.from({ length: COUNTED_SEEDS }, (_, index) => simulate(index + 1, { rules }));
}

function countersOf(lives: readonly Life[]): Counters {
  const sum = (of: (life: Life) => number): number =>
    lives.reduce((total, life) => total + of(life), 0);
  const effects = sum((life) => life.effects);
  return {
    doubts: sum((life) => life.doubts) / effects,
    left: sum((life) => life.left) / effects,
    waste: sum((life) => life.executed) / sum((life) => life.results),
  };
}

/** What the protocol keeps to, in the same lives. */
const BOUNDS: Counters = { doubts: 0.06, left: 0.02, waste: 1 };

test("The protocol is economical: few doubts, fewer that last, little work done for nothing.", () => {
  const counters = countersOf(livesWith(RULES));

  expect(counters.doubts).toBeLessThan(BOUNDS.doubts);
  expect(counters.left).toBeLessThan(BOUNDS.left);
  expect(counters.waste).toBeLessThan(BOUNDS.waste);
}, 300_000);

test.each(MUTANTS.filter(({ caughtBy }) => caughtBy === "violation"))(
  "It shows when $name",
  ({ rules }) => {
    let seed = 1;
    while (seed <= MOST_SEEDS && simulate(seed, { rules }).violations.length === 0) seed += 1;

    expect(seed).toBeLessThanOrEqual(MOST_SEEDS);
  },
  300_000,
);

test.each(MUTANTS.filter(({ caughtBy }) => caughtBy !== "violation"))(
  "It costs when $name",
  ({ rules, caughtBy }) => {
    if (caughtBy === "violation") return;
    const counters = countersOf(livesWith(rules));

    const isStuck = Number.isNaN(counters[caughtBy]);
    expect(isStuck || counters[caughtBy] > BOUNDS[caughtBy]).toBe(true);
  },
  300_000,
);
