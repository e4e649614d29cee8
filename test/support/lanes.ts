/** Lanes of a rehearsed company: a plan is handed out, executed and settled, in one process. */
import { join } from "node:path";
import type { LaneWait } from "#runner/core/lane/actions-minutes.ts";
import { executeLane, type LaneTools } from "#runner/loop/execute-lane.ts";
import { HandOut, type HandedOut } from "#runner/loop/hand-out.ts";
import { readPlan } from "#runner/loop/lane-folder.ts";
import { SettleLanes, type Settled } from "#runner/loop/settle-lanes.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { Tick } from "#runner/loop/tick-end.ts";
import { reconcile } from "#runner/reconcile.ts";
import { laneAnswer } from "#runner/runtimes/lane-answer.ts";
import { writeLaneResult } from "#runner/runtimes/lane-result.ts";
import { makeFolder } from "./git-repo.ts";
import type { Rehearsal } from "./rehearsal.ts";

const NEVER = new AbortController().signal;
const nothing = (): void => undefined;
let waves = 0;

export interface Wave {
  /** Of the plan. */
  readonly folder: string;
  readonly results: string;
  /** null where no step was ready. */
  readonly handed: HandedOut | null;
  /** Why nothing was handed over though it is ready. */
  readonly wait: LaneWait | null;
  /** Keys of what nothing is decided for any more in this tick. */
  readonly working: ReadonlySet<string>;
  readonly tick: Tick;
}

function elsewhere(engine: Engine, workingAs: string): Engine {
  return {
    ...engine,
    repository: { ...engine.repository, workingAs },
    elsewhere: (invocation, place) => Promise.resolve(laneAnswer(invocation, place)),
  };
}

/** `fettle plan --lanes`. */
export function handOut(
  shop: Rehearsal,
  {
    mostLanes = 8,
    isBilled = false,
    folder = makeFolder(),
    results = makeFolder(),
    signal = NEVER,
  }: {
    mostLanes?: number;
    isBilled?: boolean;
    folder?: string;
    results?: string;
    signal?: AbortSignal;
  } = {},
): Promise<Wave> {
  waves += 1;
  const name = `lanes-${waves}`;
  return shop.write(async (own) => {
    const engine = elsewhere(own, name);
    const hands = new HandOut(engine, {
      out: folder,
      mostLanes,
      programFolder: ".",
      isBilled,
    });
    const tick = await reconcile({ ...engine, hands }, signal);
    const { handed, wait, working } = hands;
    return { folder, results, handed, wait, working, tick };
  });
}

/** `fettle execute` of every lane, or of some; how many steps have a result. */
export function executeLanes(
  shop: Rehearsal,
  { folder, results }: Wave,
  lanes?: readonly string[],
  signal = NEVER,
): Promise<number> {
  return shop.read(async ({ execute, clock }) => {
    const read = readPlan(folder);
    if (!read.ok) return 0;
    const { file } = read;
    const { environment } = shop;
    const tools: LaneTools = { execute, tell: writeLaneResult, clock, environment };
    let done = 0;
    for (const { lane, places } of file.plan.lanes) {
      if (lanes !== undefined && !lanes.includes(lane)) continue;
      const out = join(results, `lane-${lane}`);
      const work = { folder, file, places, out, signal, onEnd: nothing, onLeft: nothing };
      done += await executeLane(tools, work);
    }
    return done;
  });
}

export interface Booked extends Settled {
  readonly refusal: string | null;
  readonly tick: Tick;
}

/** `fettle settle`. */
export function settle(
  shop: Rehearsal,
  { folder, results }: Pick<Wave, "folder" | "results">,
  isPartial = false,
  isBilled = false,
): Promise<Booked> {
  const read = readPlan(folder);
  if (!read.ok) throw new Error(read.reason);
  const { file } = read;
  return shop.write(async (own) => {
    const engine = elsewhere(own, file.plan.runner);
    const hands = new SettleLanes(engine, { file, results, isPartial, isBilled });
    const tick = await reconcile({ ...engine, hands }, NEVER);
    return { ...hands.settled, refusal: hands.refusal, tick };
  });
}

/** Waves until no step is ready any more. */
export async function inLanes(shop: Rehearsal): Promise<void> {
  for (;;) {
    const wave = await handOut(shop);
    if (wave.handed === null) return;
    await executeLanes(shop, wave);
    await settle(shop, wave);
  }
}
