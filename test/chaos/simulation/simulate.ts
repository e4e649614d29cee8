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

export function simulate(seed: number, circumstances: Circumstances = {}): Life {
  const { rules = RULES, faults = UNKIND, runners: count = 3 } = circumstances;
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
      world.wait(random.below(240_000));
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
  remote.accept([transaction({ event, files: [[requestPath(id), request]] })]);
}

/** Without faults, with days enough for every cap and claim, all that was begun comes to its end. */
function peace(world: World, runners: readonly Runner[]): readonly string[] {
  world.faults = KIND;
  for (let day = 0; day < PEACE; day += 1) {
    world.wait(86_400_000);
    for (const runner of runners) {
      do runner.step();
      while (runner.isBusy);
    }
  }
  const { observed } = world.remote;
  const open = [...observed.runs.keys()];
  const isStuck = open.length > 0 && !observed.summaries.projects.get("shop")?.uncertain?.length;
  return [
    ...violations(world),
    ...(isStuck ? [`still open after ${PEACE} quiet days: ${open.join(", ")}`] : []),
  ];
}
