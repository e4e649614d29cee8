/** The way to models: whoever asks one goes through a door that meters, limits and puts the keys in. */
import type { ModelCall } from "#runner/core/model-call.ts";
import type { Spend } from "#runner/core/money/spend.ts";
import type { Amount, Outcome } from "#runner/schema/types.gen.ts";
import type { Invocation } from "./invocation.ts";

/** What an agent is given of it. */
export interface ModelDoor {
  /** Base URL for clients of the model's provider, by its name in fettle.yaml. */
  readonly urlFor: (model: string) => string;
  /** What stands where a key would. */
  readonly token: string;
  /** What was refused since the door was opened. */
  readonly refusals: () => readonly DoorRefusal[];
  /** Cuts off what is under way, and tells what was taken. */
  readonly close: () => Promise<Toll>;
}

/** Why the door let something not through, as an outcome. */
export interface DoorRefusal {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

export interface Toll {
  readonly spend: Spend;
  readonly calls: readonly ModelCall[];
  /** Digest of the prices that it was settled by. */
  readonly prices: string;
}

export interface DoorAsked {
  /** Names in fettle.yaml. */
  readonly models: readonly string[];
  readonly signal: AbortSignal;
  /** Milliseconds until the attempt must be over. */
  readonly remainingMs: number;
  /** Told what requests have taken and hold, before each of them is sent. */
  readonly hold: (amount: Omit<Amount, "ms">) => void;
}

export type DoorOpened =
  | { readonly ok: true; readonly door: ModelDoor }
  | { readonly ok: false; readonly outcome: Outcome; readonly reason: string };

/** Who goes through the door, with what money. */
export type DoorGuest = Pick<Invocation, "grant" | "commit" | "models" | "secrets"> & {
  readonly agent: Pick<Invocation["agent"], "name">;
};

export type OpenDoor = (guest: DoorGuest, asked: DoorAsked) => Promise<DoorOpened>;
