/** One life of a company with several runners: trouble for a while, then peace, then everything must have come to its end. */
import type { RunRequest } from "#runner/schema/types.gen.ts";
import { requestPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { violations } from "./check.ts";
import { PIPELINES, type Idempotency } from "./company.ts";
import { Runner } from "./runner.ts";
import { KIND, RULES, UNKIND, World, type Faults, type Rules } from "./world.ts";

export interface Life {
  readonly violations: readonly string[];
  /** Effects that ended in doubt. */
  readonly doubts: number;
  readonly effects: number;
  readonly crashes: number;
  readonly pushes: number;
  /** Effects still in doubt at the end. */
  readonly left: number;
  /** Steps that were executed, and results that were recorded. */
  readonly executed: number;
  readonly results: number;
  readonly runs: number;
}

interface Circumstances {
  readonly rules?: Rules;
  readonly faults?: Faults;
  readonly runners?: number;
}

const TROUBLE = 500;
const PEACE = 40;
const HALF_A_DAY = 12.5 * 3_600_000;

export function simulate(seed: number, circumstances: Circumstances = {}): Life {
  const { rules = RULES, faults = faultsOf(seed), runners: count = 3 } = circumstances;
  const kinds: readonly Idempotency[] = ["none", "probe", "native"];
  const world = new World(seed, { rules, faults, idempotency: kinds[seed % 3] ?? "none" });
  const runners = Array.from({ length: count }, (_, index) => new Runner(`r${index}`, world));
  trouble(world, runners);
  const found = violations(world);
  return {
    violations: [...found, ...(found.length === 0 ? peace(world, runners) : [])],
    doubts: world.remote.history.filter(
      ({ event }) => event.kind === "step-finished" && event.outcome === "uncertain",
    ).length,
    effects: world.effects.length,
    crashes: world.crashes,
    pushes: world.pushes,
    left: world.remote.observed.summaries.projects.get("shop")?.uncertain?.length ?? 0,
    executed: world.executed,
    results: world.remote.history.filter(({ event }) => event.kind === "step-finished").length,
    runs: world.remote.closed.size,
  };
}

/** Half of the lives take a morning, the others days: keys have their second time in these. */
function faultsOf(seed: number): Faults {
  return seed % 2 === 0 ? UNKIND : { ...UNKIND, longPause: 0 };
}

function trouble(world: World, runners: readonly Runner[]): void {
  const { random } = world;
  const asleep = new Map<Runner, number>();
  for (let step = 0; step < TROUBLE; step += 1) {
    world.wait(random.below(2_000));
    if (random.chance(0.012)) ask(world, step);
    const awake = runners.filter((runner) => (asleep.get(runner) ?? 0) <= step);
    const runner = random.pick(awake);
    if (runner === undefined) continue;
    if (random.chance(world.faults.crash)) runner.crash();
    else if (random.chance(world.faults.pause)) {
      asleep.set(runner, step + random.below(60));
      world.wait(random.chance(world.faults.longPause) ? HALF_A_DAY : random.below(240_000));
    } else runner.step();
  }
}

/** `fettle run`, from a clone that has nothing else to do. */
function ask({ remote, now, random }: World, step: number): void {
  const request: RunRequest = {
    id: `run-${step}`,
    kind: "run",
    project: "shop",
    pipeline: random.pick(PIPELINES) ?? "first",
    params: {},
    by: "ada@northwind.example",
    at: now,
  };
  const { id, by, at, project } = request;
  const event = { kind: "request-made", at, project, request: id, by, asks: "run" } as const;
  remote.add([transaction({ event, files: [[requestPath(id), request]] })]);
}

/** Without faults, with days enough for every cap and claim, all that was begun comes to its end. */
function peace(world: World, runners: readonly Runner[]): readonly string[] {
  world.faults = KIND;
  for (let day = 0, quiet = 0; day < PEACE && quiet < 2; day += 1) {
    const before = world.remote.tip;
    world.wait(86_400_000);
    for (const runner of runners) {
      do runner.step();
      while (runner.isBusy);
    }
    const isOver = world.remote.observed.runs.size === 0 && world.remote.tip === before;
    quiet = isOver ? quiet + 1 : 0;
  }
  return [...violations(world), ...stuck(world)];
}

function stuck({ remote }: World): readonly string[] {
  const open = [...remote.observed.runs.keys()];
  const isStuck =
    open.length > 0 && !remote.observed.summaries.projects.get("shop")?.uncertain?.length;
  return isStuck ? [`still open after ${PEACE} quiet days: ${open.join(", ")}`] : [];
}
