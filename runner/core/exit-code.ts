/** How the program ends: one table, used by every verb and by `fettle help exit-codes`. */
import type { Hold, Plan } from "./action.ts";
import { GATE_TROUBLES } from "#runner/core/gate/gate-answer.ts";
import { isDone } from "./outcome.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";

export const exitCodes = {
  ok: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "something failed: a run, a check, a verification" },
  changes: { code: 2, meaning: "there is something to do (only with --detailed-exitcode)" },
  waiting: { code: 3, meaning: "a person is asked first (only with --detailed-exitcode)" },
  auth: { code: 4, meaning: "a credential is missing or was refused" },
  refused: { code: 5, meaning: "refused by policy, budget or guard" },
  lost: { code: 6, meaning: "another runner was faster, or the plan is stale: try again" },
  usage: { code: 64, meaning: "the command line is wrong" },
  invalid: { code: 65, meaning: "the configuration is invalid" },
  bug: { code: 70, meaning: "a bug in fettle" },
  temporary: { code: 75, meaning: "something outside failed and may work later" },
  interrupted: { code: 130, meaning: "interrupted (Ctrl-C)" },
  terminated: { code: 143, meaning: "terminated" },
} as const satisfies Record<string, { code: number; meaning: string }>;

export type ExitName = keyof typeof exitCodes;

/** What only a person can let go on. */
const FOR_A_PERSON: ReadonlySet<Hold["reason"]> = new Set([
  ...GATE_TROUBLES,
  "awaiting-approval",
  "uncertain-effect",
  "prune-guard",
  "rewritten-history",
]);

/** Whether something does not go on before a person has answered. */
function isWaiting(holds: readonly Hold[]): boolean {
  return holds.some(({ reason }) => FOR_A_PERSON.has(reason));
}

/** Of `fettle plan`. */
export function planExit({ actions, holds }: Plan, detailed: boolean): ExitName {
  if (!detailed) return "ok";
  if (actions.length > 0) return "changes";
  return isWaiting(holds) ? "waiting" : "ok";
}

export interface TickFacts {
  readonly end: "settled" | "interrupted" | "invalid" | "raced" | "unpublished" | "conflict";
  /** Some file of the workspace has an error. */
  readonly isInvalid: boolean;
  /** A run has failed in this tick. */
  readonly hasFailed: boolean;
  /** Attempts wanted a key or a secret that is not here, and none did its work. */
  readonly lacksKey: boolean;
  /** Transactions booked. */
  readonly booked: number;
  readonly holds: readonly Hold[];
}

/** Of `fettle reconcile`. */
export function tickExit(tick: TickFacts, detailed: boolean): ExitName {
  switch (tick.end) {
    case "interrupted":
    case "invalid":
      return tick.end;
    case "raced":
      return "lost";
    case "unpublished":
      return "temporary";
    case "conflict":
      return "refused";
    case "settled":
      if (tick.isInvalid) return "invalid";
      if (tick.lacksKey) return "auth";
      if (tick.hasFailed) return "failed";
      if (!detailed) return "ok";
      if (isWaiting(tick.holds)) return "waiting";
      return tick.booked > 0 ? "changes" : "ok";
  }
}

/** Whether a key is why nothing was done, by what became of the attempts of a tick. */
export function isForKeys(outcomes: readonly Outcome[]): boolean {
  return outcomes.includes("auth") && !outcomes.some((outcome) => isDone(outcome));
}
