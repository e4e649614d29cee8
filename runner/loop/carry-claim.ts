/** What this runner says of itself on the state branch. */
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { claim, claimed, mustClaim } from "#runner/protocol/lease.ts";
import type { Engine, View } from "./engine.ts";

/** That it works on the runs of these steps, as far as others must hear of it now: without an origin the lock of this clone says all. */
export function claimsOf(
  { repository, clock }: Pick<Engine, "repository" | "clock">,
  view: View,
  starts: readonly StepStart[],
): readonly Transaction[] {
  if (repository.origin === null) return [];
  const { runners, self } = view.observed;
  const own = runners.find(({ runner }) => runner === self);
  const runs = starts.map(({ run }) => run);
  const now = clock();
  return mustClaim(own, runs, now) ? [claimOf(view, runs, now)] : [];
}

/** That it works on nothing any more; null when nobody thinks that it does. */
export function release(view: View, now: string): Transaction | null {
  const { runners, self } = view.observed;
  const own = runners.find(({ runner }) => runner === self);
  return own === undefined || own.runs.length === 0 ? null : claimOf(view, [], now);
}

function claimOf({ observed }: View, runs: readonly string[], now: string): Transaction {
  const record = claim(observed.runners, { runner: observed.self, runs, now });
  return claimed(record, now);
}
