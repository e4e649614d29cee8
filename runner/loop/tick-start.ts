/** How a tick begins: everything is brought up to date and looked at, unless nothing has changed since the last one. */
import type { Hold } from "#runner/core/action.ts";
import { givenReviews, type GivenReview } from "#runner/core/gate/given-review.ts";
import { catchUp, finishTakingsHere } from "./follow-authority.ts";
import { recallCalendar } from "./calendar-memory.ts";
import type { Engine } from "./engine.ts";
import type { ForgeSeen } from "./forge-desk.ts";
import { carryWords, seeForge, tellForge } from "./forge-turn.ts";
import { look, viewOf, type Seen } from "./look.ts";
import { fingerprintOf, restedTick } from "./no-op.ts";
import { rememberTick } from "./remember-tick.ts";
import { expectWritable } from "./state-format.ts";
import type { Spoken } from "#runner/core/forge/spoken.ts";
import { rememberState } from "./state-standing.ts";
import {
  awayHold,
  endedEarly,
  notCaughtUp,
  stillAtRest,
  type Tick,
  type TickStart,
} from "./tick-end.ts";
import { unlessStopped } from "./unless-stopped.ts";

/** What the end of a tick needs of its beginning. */
export interface Beginning extends TickStart {
  /** Where the refs stood. */
  readonly before: string;
  readonly forge: ForgeSeen;
  /** What the tick holds besides its plan. */
  readonly away: readonly Hold[];
}

/** `tick`: it is over before anything was planned. */
export type Begun =
  | { readonly kind: "begun"; readonly start: Beginning }
  | { readonly kind: "over"; readonly tick: Tick };

export async function beginTick(engine: Engine, signal: AbortSignal): Promise<Begun> {
  const now = engine.clock();
  const { repository, cache, hands } = engine;
  const caught = await unlessStopped(signal, () => catchUp(engine, signal));
  if (caught === undefined) return over(endedEarly({ kind: "interrupted" }));
  const isLost = caught.kind === "raced" || caught.kind === "conflict";
  if (isLost) return over(endedEarly(notCaughtUp(caught, repository)));
  const isAway = caught.kind === "unreachable";
  const away = isAway ? [awayHold(caught.detail)] : [];
  const forge = await seeForge(engine, { isAway }, signal);
  const before = fingerprintOf(repository);
  const mayRest = hands === undefined && forge.isWhole;
  const rested = mayRest ? await restedTick(cache, before + forge.print, now) : undefined;
  if (rested !== undefined) {
    return over(stillAtRest(rested, forge.hold === null ? away : [...away, forge.hold]));
  }
  await expectWritable(engine.store, repository);
  await finishTakingsHere(engine);
  await recallCalendar(cache);
  const seen = await lookHeard(engine, { now, forge, signal });
  if (seen.workspace === null) return over(endedEarly({ kind: "invalid" }, seen.violations));
  return { kind: "begun", start: { now, signal, seen, isAway, before, forge, away } };
}

function over(tick: Tick): Begun {
  return { kind: "over", tick };
}

/** Looks at everything, after what operators have said on the forge is done. */
async function lookHeard(
  engine: Engine,
  { now, forge, signal }: Pick<Beginning, "now" | "forge" | "signal">,
): Promise<Seen> {
  const memory = { cache: engine.cache, now };
  const first = await look(engine, memory);
  if (first.workspace === null) return first;
  if (!(await carryWords(engine, viewOf(first), { seen: forge, signal }))) return first;
  await unlessStopped(signal, () => catchUp(engine, signal));
  await seeForge(engine, { isAway: false }, signal);
  return look(engine, memory);
}

/** What was said on the forge, done as far as it counts. */
export type Heard =
  | {
      readonly kind: "heard";
      readonly spoken: readonly Spoken[];
      /** Of operators who may write: the last word of each. */
      readonly reviews: readonly GivenReview[];
    }
  | { readonly kind: "none" }
  | { readonly kind: "not-now"; readonly why: string };

/** Does what operators have said on the forge, and nothing else of a tick. */
export async function hearForge(engine: Engine, signal: AbortSignal): Promise<Heard> {
  const caught = await unlessStopped(signal, () => catchUp(engine, signal));
  if (caught?.kind !== "current") {
    return { kind: "not-now", why: "the origin is ahead of this clone, or cannot be reached" };
  }
  await expectWritable(engine.store, engine.repository);
  const forge = await seeForge(engine, { isAway: false }, signal);
  if (forge.hold !== null) return { kind: "not-now", why: forge.hold.why };
  if (forge.forge === null) return { kind: "none" };
  const pulls = [...engine.forge.pulls.values()];
  const spoken = pulls.flatMap((pull) => pull.spoken);
  const first = await lookHeard(engine, { now: engine.clock(), forge, signal });
  await rememberState(engine);
  const operators = first.workspace?.settings.operators ?? [];
  // An approval in a comment counts as a review, and is told as a comment.
  const comments = new Set(spoken.map(({ at }) => at));
  const reviews = pulls
    .flatMap((pull) => givenReviews(pull, operators))
    .filter(({ at }) => !comments.has(at));
  return { kind: "heard", spoken, reviews };
}

/** Tells the forge how the tick has ended, and remembers it: a tick that could not tell all is not rested on. */
export async function endTick(
  engine: Engine,
  tick: Tick,
  { before, now, forge, away, isAway, signal }: Beginning,
): Promise<Tick> {
  await rememberState(engine);
  const told = await tellForge(engine, { ...tick, isAway }, { seen: forge, signal });
  if (engine.hands === undefined) {
    const found = { before, now, print: forge.print, isTold: told.isWhole };
    await rememberTick(engine, tick, found);
  }
  return { ...tick, holds: [...tick.holds, ...away, ...told.holds] };
}
