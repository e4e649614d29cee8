/** Steps of a tick that others execute: lanes on other machines. */
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { View } from "./engine.ts";

/** What a tick does that executes nothing itself. */
export interface Hands {
  /** Keys of the units that others are at work on: nothing is decided for them meanwhile. */
  readonly working: ReadonlySet<string>;
  /** What has come of earlier work, as far as it fits what is known now. */
  readonly results: (view: View) => Promise<readonly Transaction[]>;
  /** What of the steps that are ready is handed over; undefined: nothing. */
  readonly offer: (view: View, starts: readonly StepStart[]) => Promise<Offer | undefined>;
  /** That nobody works any more on what was handed over; null: somebody does, or nobody thinks so. */
  readonly release: (view: View, now: string) => Transaction | null;
}

export interface Offer {
  /** Stand on the newest state before anything is handed over. */
  readonly permissions: readonly Transaction[];
  /** Hands it over, once they stand there; gives what needs no execution. */
  readonly give: (view: View, tip: string | null) => Promise<readonly Transaction[]>;
}
