/** How often what need not be published at once is published. */
import { MINUTE_MS } from "#runner/core/time/duration.ts";
import { msBetween } from "#runner/core/time/instant.ts";

const MOST_A_MINUTE = 6;

export class PushBucket {
  #taken: readonly string[] = [];

  /** True, and counted, when a push may be made at `now`. */
  take(now: string): boolean {
    this.#taken = this.#taken.filter((at) => msBetween(at, now) < MINUTE_MS);
    if (this.#taken.length >= MOST_A_MINUTE) return false;
    this.#taken = [...this.#taken, now];
    return true;
  }
}
