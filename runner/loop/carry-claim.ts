/** What this runner says of itself on the state branch. */
import { runnerPath } from "#runner/core/state-path.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { transaction } from "#runner/core/transaction.ts";
import { claim, mustClaim } from "#runner/protocol/lease.ts";
import type { View } from "./engine.ts";

/** That it works on these runs; null while that is known, and known for long enough. */
export function claimFor(view: View, runs: readonly string[], now: string): Transaction | null {
  const { runners, self } = view.observed;
  const own = runners.find(({ runner }) => runner === self);
  return mustClaim(own, runs, now) ? claimed(view, runs, now) : null;
}

/** That it works on nothing any more; null when nobody thinks that it does. */
export function release(view: View, now: string): Transaction | null {
  const { runners, self } = view.observed;
  const own = runners.find(({ runner }) => runner === self);
  return own === undefined || own.runs.length === 0 ? null : claimed(view, [], now);
}

function claimed({ observed }: View, runs: readonly string[], now: string): Transaction {
  const record = claim(observed.runners, { runner: observed.self, runs, now });
  const { runner, fence, expires } = record;
  return transaction({
    event: {
      kind: "work-claimed",
      at: now,
      project: "",
      runner,
      runs: record.runs,
      fence,
      expires,
    },
    files: [[runnerPath(runner), record]],
    change: { kind: "claim", runner: record },
  });
}
