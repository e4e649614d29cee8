/** How a tick ends, and what is told of it. */
import type { Hold, Plan } from "#runner/core/action.ts";
import type { Violation } from "#runner/schema/violation.ts";
import type { Obstacle } from "#runner/repo/delivery.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { CaughtUp } from "./follow-authority.ts";
import type { DeliveryOutcome } from "./carry-delivery.ts";
import { behindWords } from "./behind.ts";
import type { Booker } from "./booker.ts";
import type { View } from "./engine.ts";
import type { Seen } from "./look.ts";
import type { RestedTick } from "./no-op.ts";
import type { Published } from "./publish-pending.ts";
import { conflictWords } from "./state-standing.ts";

export interface Tick {
  readonly end: TickEnd;
  /** The last plan: what is still held, and when to look again. */
  readonly plan: Plan | null;
  /** null when there is no workspace, and when nothing had changed since the last tick. */
  readonly view: View | null;
  /** Transactions booked. */
  readonly booked: number;
  readonly holds: readonly Hold[];
  readonly violations: readonly Violation[];
}

/**
 * Why the tick ended. `invalid`: there is no usable fettle.yaml. `raced`: another writer won. `conflict`: the state that
 * counts lacks what was recorded before.
 */
export type TickEnd =
  | { readonly kind: "settled" | "interrupted" | "invalid" }
  | { readonly kind: "raced" | "unpublished" | "conflict"; readonly detail: string };

/** What a tick begins with. */
export interface TickStart {
  readonly now: string;
  readonly signal: AbortSignal;
  readonly seen: Seen;
  /** The origin cannot be reached: what needs its word waits, the rest goes on. */
  readonly isAway: boolean;
}

type Unpublished = Extract<Published, { readonly ok: false }>;

/** A commit of the state was refused. */
export function refusedEnd(refusal: Booker["refusal"]): TickEnd | null {
  return refusal === null ? null : { kind: "raced", detail: refusal.kind };
}

/** What is durable here did not reach the origin, so that nothing which it permits may begin; interrupted, the next tick publishes. */
export function unpublishedEnd({ isRace, detail }: Unpublished, isInterrupted: boolean): TickEnd {
  if (isInterrupted && !isRace) return { kind: "interrupted" };
  return { kind: isRace ? "raced" : "unpublished", detail };
}

/** Nothing was planned: this clone and the origin have parted, another runner was faster, or there is no workspace. */
export function endedEarly(end: TickEnd, violations: readonly Violation[] = []): Tick {
  const holds = end.kind === "conflict" ? [conflictHold(end.detail)] : [];
  return { end, plan: null, view: null, booked: 0, holds, violations };
}

/** Nothing has changed since a tick that left nothing to do. */
export function stillAtRest(rested: RestedTick, away: readonly Hold[]): Tick {
  const holds = [...rested.holds, ...away];
  return { end: { kind: "settled" }, view: null, booked: 0, ...rested, holds };
}

type Lost = Exclude<CaughtUp, { readonly kind: "current" | "unreachable" }>;

/** Nothing can be built on what this clone has. */
export function notCaughtUp(lost: Lost, repository: Pick<Repository, "origin">): TickEnd {
  if (lost.kind === "raced") return { kind: "raced", detail: lost.detail };
  return { kind: "conflict", detail: conflictWords(lost.conflict, repository) };
}

/** The origin cannot be reached. */
export function awayHold(detail: string): Hold {
  const why = `the origin cannot be reached, so what is known of it may be old: ${detail}`;
  const unblock = "fettle reconcile when it is back; nothing reaches the outside world before";
  const facts = { reason: "authority-unreachable", why, unblock, until: null } as const;
  return { project: null, subject: "workspace", ...facts };
}

/** Nothing is written before the state that counts holds again what this clone has seen. */
function conflictHold(why: string): Hold {
  const facts = { reason: "authority-conflict", why, unblock: CONFLICT_HINT, until: null } as const;
  return { project: null, subject: "workspace", ...facts };
}

/** What to do about a state that lacks what was recorded. */
export const CONFLICT_HINT = "fettle doctor   says what stands on either side, and what to do";

const DELIVERY = { project: null, subject: "delivery", until: null } as const;
const CONFLICT = { ...DELIVERY, reason: "worktree-conflict" } as const;

/** Whether main or the state has moved. */
export function hasDelivered({ kind }: DeliveryOutcome): boolean {
  return kind === "delivered" || kind === "set-aside";
}

/** Why a delivery did not happen, or not as far as the operator's files; null when it did. */
export function deliveryHold(outcome: DeliveryOutcome): Hold | null {
  switch (outcome.kind) {
    case "set-aside":
      return null;
    case "delivered": {
      const [behind] = outcome.behind;
      return behind === undefined ? null : behindHold(behind);
    }
    case "worktree-behind":
      return behindHold(outcome);
    case "worktree-conflict": {
      const why = `main is checked out in ${outcome.workTree}, and your changes to ${outcome.paths.join(", ")} are in the way`;
      return { ...CONFLICT, why, unblock: "commit or stash them, then fettle reconcile" };
    }
    case "worktree-busy": {
      const why = `another git command is at work in ${outcome.workTree}`;
      return { ...CONFLICT, why, unblock: "fettle reconcile when it is done" };
    }
    case "not-moved":
      return { ...CONFLICT, why: "main moved meanwhile", unblock: "fettle reconcile" };
  }
}

/** The operator's files did not follow main. */
export function behindHold(obstacle: Obstacle): Hold {
  return { ...DELIVERY, reason: "worktree-behind", ...behindWords(obstacle) };
}
