/** How many requests one provider is asked at once, and when it may be asked again. */

export interface PlaceLimits {
  readonly concurrency?: number;
  readonly requestsPerMinute?: number;
}

export type Entry =
  | { readonly kind: "entered"; readonly leave: () => void }
  | { readonly kind: "rate-limited"; readonly retryAfterMs: number }
  | { readonly kind: "withdrawn" };

interface Waiter {
  readonly answer: (entry: Entry) => void;
}

const MINUTE_MS = 60_000;

export class ProviderPlace {
  readonly #limits: PlaceLimits;
  readonly #now: () => number;
  readonly #waiting: Waiter[] = [];
  #active = 0;
  /** Starts of the last minute, oldest first. */
  #starts: number[] = [];
  #closedUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: PlaceLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Waits for its turn; while the provider wants to be left alone, says so at once. */
  enter(signal: AbortSignal): Promise<Entry> {
    const { promise, resolve } = Promise.withResolvers<Entry>();
    if (signal.aborted) return Promise.resolve({ kind: "withdrawn" });
    const withdraw = (): void => {
      const at = this.#waiting.indexOf(waiter);
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      waiter.answer({ kind: "withdrawn" });
    };
    const waiter: Waiter = {
      answer: (entry) => {
        signal.removeEventListener("abort", withdraw);
        resolve(entry);
      },
    };
    signal.addEventListener("abort", withdraw, { once: true });
    this.#waiting.push(waiter);
    this.#serve();
    return promise;
  }

  /** Nobody enters before the time is over; a shorter time does not shorten a longer one. */
  closeFor(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#now() + ms);
    this.#serve();
  }

  #serve(): void {
    clearTimeout(this.#timer);
    for (let waiter = this.#waiting[0]; waiter !== undefined; waiter = this.#waiting[0]) {
      const closedMs = this.#closedUntil - this.#now();
      if (closedMs <= 0 && !this.#hasRoom()) return;
      this.#waiting.shift();
      if (closedMs > 0) waiter.answer({ kind: "rate-limited", retryAfterMs: closedMs });
      else waiter.answer({ kind: "entered", leave: this.#entered() });
    }
  }

  #entered(): () => void {
    this.#active += 1;
    this.#starts.push(this.#now());
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#active -= 1;
      this.#serve();
    };
  }

  #hasRoom(): boolean {
    const { concurrency = Infinity, requestsPerMinute = Infinity } = this.#limits;
    if (this.#active >= concurrency) return false;
    const since = this.#now() - MINUTE_MS;
    this.#starts = this.#starts.filter((start) => start > since);
    if (this.#starts.length < requestsPerMinute) return true;
    const [oldest = since] = this.#starts;
    this.#timer = setTimeout(() => this.#serve(), oldest - since);
    this.#timer.unref();
    return false;
  }
}
