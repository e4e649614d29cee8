import { beforeAll, expect, test } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { faultsOf, simulate } from "./simulate.ts";
import { LANES, LASTING, ORDERLY_LANES, type Faults } from "./faults.ts";
import { RULES, type Rules } from "./world.ts";

/** The later seeds are for the rarest: a probe that meets a paused runner. */
const MOST_SEEDS = 300;
const COUNTED_SEEDS = 100;
/** The margin of clocks is needed in one of a hundred executions. */
const LASTING_SEEDS = 40;
const LANE_SEEDS = 20;
/** How much more a missing rule must cost in the same lives. */
const CLEARLY_MORE = 1.15;

interface Counters {
  /** Effects that ended in doubt, and those still in doubt at the end, per effect. */
  readonly doubts: number;
  readonly left: number;
  /** Times that an agent was told to act, per effect, and effects per run. */
  readonly told: number;
  readonly effects: number;
  /** Executions per recorded result. */
  readonly waste: number;
  /** Attempts to push per run. */
  readonly pushes: number;
  /** Transactions per run that the origin had and that were taken for unknown there. */
  readonly resaid: number;
}

/** The same lives are not lived twice. */
const counted = new Map<Rules, Counters>();

function countersOf(rules: Rules): Counters {
  const counters = counted.get(rules) ?? count(rules);
  counted.set(rules, counters);
  return counters;
}

function count(rules: Rules): Counters {
  const seeds = Array.from({ length: COUNTED_SEEDS }, (_, index) => index + 1);
  const lives = seeds
    .filter((seed) => !faultsOf(seed).lanes)
    .map((seed) => simulate(seed, { rules }));
  const sum = (of: (life: (typeof lives)[number]) => number): number =>
    lives.reduce((total, life) => total + of(life), 0);
  const effects = sum((life) => life.effects);
  const runs = sum((life) => life.runs);
  return {
    doubts: sum((life) => life.doubts) / effects,
    left: sum((life) => life.left) / effects,
    told: sum((life) => life.told) / effects,
    effects: effects / runs,
    waste: sum((life) => life.executed) / sum((life) => life.results),
    pushes: sum((life) => life.pushes) / runs,
    resaid: sum((life) => life.resaid) / runs,
  };
}

let usual: Counters;

beforeAll(() => {
  usual = countersOf(RULES);
}, 300_000);

test("The protocol is economical: few doubts, fewer that last, agents told to act hardly more than once for each effect, every run as many effects as are due, little work done for nothing, few pushes.", () => {
  expect(usual.doubts).toBeLessThan(0.085);
  expect(usual.left).toBeLessThan(0.04);
  expect(usual.told).toBeLessThan(1.06);
  expect(usual.effects).toBeGreaterThan(1.1);
  expect(usual.waste).toBeLessThan(1.2);
  expect(usual.pushes).toBeLessThan(9);
  expect(usual.resaid).toBeLessThan(0.1);
});

test("Lanes that die, or whose word is lost, cost few doubts, and no agent is told to act much more than once.", () => {
  const seeds = Array.from({ length: LANE_SEEDS }, (_, index) => index + 1);
  const lives = seeds.map((seed) => simulate(seed, { faults: LANES }));
  const sum = (of: (life: (typeof lives)[number]) => number): number =>
    lives.reduce((total, life) => total + of(life), 0);
  const effects = sum((life) => life.effects);

  expect(sum((life) => life.doubts) / effects).toBeLessThan(0.2);
  expect(sum((life) => life.told) / effects).toBeLessThan(1.06);
  expect(sum((life) => life.left)).toBe(0);
});

function firstViolation(rules: Rules, faults: Faults | undefined): number {
  let seed = 1;
  const isSound = (): boolean =>
    simulate(seed, { rules, ...(faults && { faults }) }).violations.length === 0;
  while (seed <= MOST_SEEDS && isSound()) seed += 1;
  return seed;
}

test.each(MUTANTS.filter(({ caughtBy }) => caughtBy === "violation"))(
  "It shows when $name",
  ({ rules, faults }) => {
    expect(firstViolation(rules, faults)).toBeLessThanOrEqual(MOST_SEEDS);
  },
  300_000,
);

/** Where nobody dies, nothing is lost and clocks differ by no more than they may. */
function done(faults: Faults): { readonly again: number; readonly doubted: number } {
  const lives = Array.from({ length: LASTING_SEEDS }, (_, index) =>
    simulate(index + 1, { faults }),
  );
  return {
    again: lives.reduce((sum, { repeated }) => sum + repeated, 0),
    doubted: lives.reduce((sum, { doubts }) => sum + doubts, 0),
  };
}

test.each([
  ["however long agents are at work", LASTING],
  ["where lanes are at work, too, and are settled in parts", ORDERLY_LANES],
])(
  "Where nobody dies nothing is done twice and nothing comes into doubt, %s.",
  (_, faults) => {
    expect(done(faults)).toEqual({ again: 0, doubted: 0 });
  },
  300_000,
);

test.each(MUTANTS.filter(({ caughtBy }) => caughtBy === "again" || caughtBy === "doubted"))(
  "Work is done twice, or doubted, when $name",
  ({ rules, caughtBy, faults = LASTING }) => {
    const seeds = Array.from({ length: LASTING_SEEDS }, (_, index) => index + 1);
    const isShown = (seed: number): boolean => {
      const { repeated, doubts } = simulate(seed, { rules, faults });
      return (caughtBy === "again" ? repeated : doubts) > 0;
    };

    expect(seeds.some(isShown)).toBe(true);
  },
  300_000,
);

const COUNTED: ReadonlySet<string> = new Set(["doubts", "left", "told", "pushes", "resaid"]);

test.each(MUTANTS.filter(({ caughtBy }) => COUNTED.has(caughtBy)))(
  "It costs when $name",
  ({ rules, caughtBy }) => {
    if (caughtBy === "violation" || caughtBy === "again" || caughtBy === "doubted") return;
    const counters = countersOf(rules);

    const isStuck = !Number.isFinite(counters[caughtBy]);
    expect(isStuck || counters[caughtBy] > CLEARLY_MORE * usual[caughtBy]).toBe(true);
  },
  300_000,
);
