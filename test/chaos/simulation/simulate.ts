/** One life of a company with several runners: trouble for a while, then peace, then everything must have come to its end. */
import { sumOf } from "#runner/core/money/amount.ts";
import type { Observed } from "#runner/core/model.ts";
import { Actions } from "./actions.ts";
import type { Idempotency } from "./company.ts";
import { Operator } from "./operator.ts";
import { Runner } from "./runner.ts";
import {
  BUSY,
  COMPACTING,
  COMPACTING_LANES,
  KIND,
  LANES,
  SAVING,
  SAVING_LANES,
  SILENT,
  UNKIND,
  type Faults,
} from "./faults.ts";
import { RULES, World, type Rules } from "./world.ts";

export interface Life {
  readonly violations: readonly string[];
  /** Effects that ended in doubt. */
  readonly doubts: number;
  readonly effects: number;
  /** How often an agent was told to act, again or for the first time. */
  readonly told: number;
  /** Crashes and pauses. */
  readonly interruptions: number;
  readonly pushes: number;
  /** Commits that reached the origin as part of another one. */
  readonly joined: number;
  /** Transactions that the origin had and that were taken for unknown there. */
  readonly resaid: number;
  /** Effects still in doubt at the end. */
  readonly left: number;
  /** Steps that were executed, and results that were recorded. */
  readonly executed: number;
  readonly results: number;
  /** Attempts that were executed more than once. */
  readonly repeated: number;
  readonly runs: number;
  /** Micro-dollars that models have taken, and that are booked. */
  readonly spent: number;
  readonly booked: number;
}

function bookedMicros({ summaries }: Observed): number {
  return sumOf(Object.values(summaries.workspace.money?.totals ?? {})).micros;
}

interface Circumstances {
  readonly rules?: Rules;
  readonly faults?: Faults;
  readonly runners?: number;
}

/** How often lanes are waited for in vain. */
const EXPIRIES = 0.02;
const TROUBLE = 400;
/** Wave after wave takes its time. */
const TROUBLE_WITH_LANES = 500;
const PEACE = 40;
const HALF_A_DAY = 12.5 * 3_600_000;
const NINE_DAYS = 18 * HALF_A_DAY;

export function simulate(seed: number, circumstances: Circumstances = {}): Life {
  const { rules = RULES, faults = faultsOf(seed), runners: count = 3 } = circumstances;
  const kinds: readonly Idempotency[] = ["none", "probe", "native"];
  const world = new World(seed, { rules, faults, idempotency: kinds[seed % 3] ?? "none" });
  const lanes = faults.lanes ? new Actions(world) : null;
  const others = lanes === null ? count : count - 1 - (seed % 2);
  const runners = participants(world, { lanes, count: others });
  const operator = new Operator(world, runners);
  trouble(world, runners, () => {
    operator.live();
    if (lanes !== null) wait(world, lanes);
  });
  if (world.checker.violations.length === 0) peace(world, runners, operator);
  return lifeOf(world);
}

function lifeOf(world: World): Life {
  const { checker, remote } = world;
  const results = remote.history.flatMap(({ event }) =>
    event.kind === "step-finished" ? [event] : [],
  );
  return {
    violations: checker.violations,
    doubts: results.filter(({ outcome }) => outcome === "uncertain").length,
    effects: checker.effects.length,
    told: world.told,
    interruptions: world.interruptions,
    pushes: world.pushes,
    joined: world.joined,
    resaid: world.resaid,
    left: remote.observed.summaries.projects.get("shop")?.uncertain?.length ?? 0,
    executed: world.executed,
    repeated: world.repeated,
    results: results.length,
    runs: remote.closed.size,
    spent: world.till.spent,
    booked: bookedMicros(remote.observed),
  };
}

/** Half of the lives take a morning, the others days: keys have their second time in these. In half of them the operator is at work, in some of these with little time. */
export function faultsOf(seed: number): Faults {
  const operator = seed % 4 > 1;
  const kind = operator ? kindOf(seed) : withLanes(seed);
  const faults = { ...kind, operator, paid: seed % 5 === 4 };
  return seed % 2 === 0 ? faults : { ...faults, longPause: 0 };
}

const KINDS: ReadonlyMap<number, Faults> = new Map([
  [7, SILENT],
  [14, SILENT],
  [8, SAVING],
  [15, SAVING],
  [10, COMPACTING],
  [19, BUSY],
]);

/** Companies of a special kind are few, since most lives need what all have. */
function kindOf(seed: number): Faults {
  return KINDS.get(seed % 21) ?? withLanes(seed);
}

const KINDS_WITH_LANES = [LANES, SAVING_LANES, COMPACTING_LANES];

function withLanes(seed: number): Faults {
  if (seed % 21 === 2) return LANES;
  const kind = KINDS_WITH_LANES[Math.floor(seed / 21) % KINDS_WITH_LANES.length];
  return seed % 21 === 4 && kind !== undefined ? kind : UNKIND;
}

type Participant = Runner | Actions;

interface Cast {
  readonly lanes: Actions | null;
  /** Of the runners that execute what they plan. */
  readonly count: number;
}

function participants(world: World, { lanes, count }: Cast): readonly Participant[] {
  const runners = Array.from({ length: count }, (_, index) => {
    return new Runner(`r${index}`, index / Math.max(1, count - 1), world);
  });
  return lanes === null ? runners : [...runners, lanes];
}

/** Where somebody is ever late. */
function wait({ random, faults }: World, lanes: Actions): void {
  if (faults.pause > 0 && random.chance(EXPIRIES)) lanes.waitForExpiry();
}

function trouble(world: World, runners: readonly Participant[], live: () => void): void {
  const { random } = world;
  const asleep = new Map<Participant, number>();
  const steps = world.faults.lanes ? TROUBLE_WITH_LANES : TROUBLE;
  for (let step = 0; step < steps && world.checker.violations.length === 0; step += 1) {
    world.wait(random.below(2_000));
    live();
    const awake = runners.filter((runner) => (asleep.get(runner) ?? 0) <= step);
    // Where nobody is ever late, everybody has his turn.
    const isLate = world.faults.pause > 0;
    const runner = isLate ? random.pick(awake) : runners[step % runners.length];
    if (runner === undefined) continue;
    if (random.chance(world.faults.crash)) runner.crash();
    else if (random.chance(world.faults.pause)) {
      world.interruptions += 1;
      asleep.set(runner, step + random.below(60));
      const longest = world.faults.compacting ? NINE_DAYS : HALF_A_DAY;
      world.wait(random.chance(world.faults.longPause) ? longest : random.below(240_000));
    } else runner.step();
  }
}

/** Without faults, with days enough for every cap and claim, all that was begun comes to its end. */
function peace(world: World, runners: readonly Participant[], operator: Operator): void {
  const { faults, remote } = world;
  world.faults = KIND;
  // What was spent in the trouble shall keep nobody waiting for ever.
  world.main.edit({ totalMicros: 1e12 });
  if (faults.crash === 0) finish(world, runners);
  for (let day = 0, quiet = 0; day < PEACE && quiet < 2; day += 1) {
    if (faults.operator) operator.settle();
    else remote.putBack();
    const before = remote.tip;
    world.wait(86_400_000);
    for (const runner of runners) {
      do {
        world.wait(1_000);
        runner.step();
      } while (runner.isBusy);
    }
    const isOver = remote.observed.runs.size === 0 && remote.tip === before;
    quiet = isOver ? quiet + 1 : 0;
  }
  expectEnd(world, faults.operator);
  expectBooked(world);
}

/** Whoever is at work ends that before the first day is over. */
function finish(world: World, runners: readonly Participant[]): void {
  while (runners.some((runner) => runner.isBusy)) {
    for (const runner of runners.filter(({ isBusy }) => isBusy)) {
      world.wait(1_000);
      runner.step();
    }
  }
}

/** No cap was passed, all that was taken is booked, and nothing is kept for anybody. */
function expectBooked({ checker, remote, till }: World): void {
  for (const passed of till.passed()) checker.report(passed);
  const { money } = remote.observed.summaries.workspace;
  if (money === undefined) return;
  for (const unbooked of till.unbooked(money)) checker.report(unbooked);
  const { runs } = remote.observed;
  const left = money.grants.filter(({ run }) => !runs.has(run));
  if (left.length > 0) checker.report(`${left.length} grants are kept for nobody`);
}

/** Only a doubt that nobody answers may keep a run open. */
function expectEnd({ checker, remote }: World, isAnswered: boolean): void {
  const { runs, summaries, requests } = remote.observed;
  const doubts = summaries.projects.get("shop")?.uncertain?.length ?? 0;
  if (runs.size > 0 && (isAnswered || doubts === 0)) {
    checker.report(`still open after ${PEACE} quiet days: ${[...runs.keys()].join(", ")}`);
  }
  if (isAnswered && requests.length > 0) checker.report("a request was never answered");
  for (const lost of checker.desk.unheard) checker.report(`${lost} was never heard of`);
}
