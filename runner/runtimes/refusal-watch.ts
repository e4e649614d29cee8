/** Ends an agent that goes on after the door has refused it something for good. */
import type { Outcome } from "#runner/schema/types.gen.ts";
import type { DoorRefusal, ModelDoor } from "./model-door.ts";

const LOOK_MS = 250;
/** How long it may take to see by itself that nothing more comes. */
const GRACE_MS = 5000;
/** A limit that is over so soon may be waited for. */
const SHORT_WAIT_MS = 10_000;

const TELLING: ReadonlySet<Outcome> = new Set([
  "budget-exhausted",
  "no-progress",
  "rate-limited",
  "timeout",
  "context-overflow",
]);

export class RefusalWatch {
  readonly #door: ModelDoor;
  readonly #before: number;
  readonly #halt = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #graceMs: number;
  #sinceMs: number | undefined;

  constructor(door: ModelDoor, graceMs = GRACE_MS) {
    this.#door = door;
    this.#graceMs = graceMs;
    this.#before = door.refusals().length;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  get signal(): AbortSignal {
    return this.#halt.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The last refusal that says why an agent failed; clients ask for more than models, which tells nothing. */
  refusal(): DoorRefusal | undefined {
    const refusals = this.#door.refusals().slice(this.#before);
    return refusals.findLast(({ outcome }) => TELLING.has(outcome));
  }

  #look(): void {
    const refusal = this.refusal();
    if (refusal === undefined) return;
    const { outcome, retryAfterMs } = refusal;
    const mayPass = outcome === "context-overflow" || isShort(outcome, retryAfterMs);
    if (mayPass) return;
    this.#sinceMs ??= performance.now();
    if (performance.now() - this.#sinceMs >= this.#graceMs) this.#halt.abort();
  }
}

function isShort(outcome: Outcome, retryAfterMs: number | undefined): boolean {
  return outcome === "rate-limited" && retryAfterMs !== undefined && retryAfterMs <= SHORT_WAIT_MS;
}
