/** The attempts that the units of a run have made. */
import { countsAsAttempt, retryBudget } from "./retry.ts";
import { endsIteration } from "./repeat.ts";
import { unitOf } from "./parallel.ts";
import type { OpenRun } from "./model.ts";
import type { AttemptRecord } from "#runner/schema/types.gen.ts";

interface History {
  /** The newest attempt of each unit, by step and item. */
  readonly last: ReadonlyMap<string, ReadonlyMap<string | null, AttemptRecord>>;
  /** The newest attempt at an external effect, of each unit and iteration. */
  readonly acts: ReadonlyMap<string, AttemptRecord>;
  /** Units, or their iterations, that have made an attempt that counts. */
  readonly tried: ReadonlySet<string>;
  /** Attempts beyond the first of each unit and iteration; parked ones do not count. */
  readonly retries: number;
}

type Unit = Pick<AttemptRecord, "step" | "item">;

const known = new WeakMap<readonly AttemptRecord[], History>();

/** Found once for each list, which never changes. */
function historyOf(attempts: readonly AttemptRecord[]): History {
  const found = known.get(attempts) ?? lookAt(attempts);
  known.set(attempts, found);
  return found;
}

function lookAt(attempts: readonly AttemptRecord[]): History {
  const last = new Map<string, Map<string | null, AttemptRecord>>();
  const acts = new Map<string, AttemptRecord>();
  const tried = new Set<string>();
  let retries = 0;
  for (const attempt of attempts) {
    const ofStep = last.get(attempt.step);
    if (ofStep === undefined) last.set(attempt.step, new Map([[attempt.item, attempt]]));
    else ofStep.set(attempt.item, attempt);
    const turn = turnKey(attempt);
    if (attempt.effect !== undefined) acts.set(turn, attempt);
    if (!countsAsAttempt(attempt)) continue;
    if (tried.has(turn)) retries += 1;
    tried.add(turn);
  }
  return { last, acts, tried, retries };
}

type Turn = Pick<AttemptRecord, "iteration" | "step" | "item">;

/** A step that is repeated has no items. */
function turnKey({ step, item, iteration }: Turn): string {
  const unit = item === null ? step : `${step} ${item}`;
  return iteration === undefined ? unit : `${unit} ${iteration}`;
}

export function lastAttempt(run: OpenRun, unit: Unit): AttemptRecord | undefined {
  return historyOf(run.attempts).last.get(unit.step)?.get(unit.item);
}

/** The newest attempt of each unit. */
export function lastAttempts({ attempts }: Pick<OpenRun, "attempts">): readonly AttemptRecord[] {
  return [...historyOf(attempts).last.values()].flatMap((ofStep) => [...ofStep.values()]);
}

/** The newest attempts at the run's external effects: of a repeated step one in each iteration. */
export function lastActs({ attempts }: Pick<OpenRun, "attempts">): readonly AttemptRecord[] {
  return [...historyOf(attempts).acts.values()];
}

export function lastAct({ attempts }: OpenRun, turn: Turn): AttemptRecord | undefined {
  return historyOf(attempts).acts.get(turnKey(turn));
}

/** Whether the next attempt of the unit uses up one of the run's further attempts. */
export function isRetry(run: OpenRun, unit: Unit): boolean {
  const last = lastAttempt(run, unit);
  // An iteration that came to a result is followed by the first attempt of the next one.
  if (last === undefined || (last.iteration !== undefined && endsIteration(last))) return false;
  return historyOf(run.attempts).tried.has(turnKey(last));
}

/** How many attempts beyond the first of each unit the run may still make, those at work not counted. */
export function retriesLeft(run: OpenRun): number {
  return retryBudget(run.pipeline) - historyOf(run.attempts).retries;
}

/** How many units of the run are at work on a further attempt. */
export function retriesAtWork(run: OpenRun, working: ReadonlySet<string>): number {
  return [...working].map(unitOf).filter((unit) => unit.run === run.record.id && isRetry(run, unit))
    .length;
}
