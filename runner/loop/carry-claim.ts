/** What this runner says of itself on the state branch. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import { claim, claimed, mustClaim } from "#runner/protocol/lease.ts";
import type { View } from "./engine.ts";

/** That it works on these runs; null while that is known, and known for long enough. */
export function claimFor(view: View, runs: readonly string[], now: string): Transaction | null {
  const { runners, self } = view.observed;
  const own = runners.find(({ runner }) => runner === self);
  return mustClaim(own, runs, now) ? claimOf(view, runs, now) : null;
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
