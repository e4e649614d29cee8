/** Steps that run at this moment. */
import { unitKey } from "#runner/core/parallel.ts";
import type { StepStart } from "#runner/core/action.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";

interface Landed {
  /** null for what a step at work has to tell. */
  readonly key: string | null;
  readonly result: Transaction;
}

/** Promises by unit of work; what has landed is collected together, so that it shares one commit. */
export class InFlight {
  readonly #starts = new Map<string, StepStart>();
  readonly #landed: Landed[] = [];
  readonly #atWork = new Set<Promise<void>>();
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  /** Keys of the units. */
  get units(): ReadonlySet<string> {
    return new Set(this.#starts.keys());
  }

  get starts(): readonly StepStart[] {
    return [...this.#starts.values()];
  }

  add(start: StepStart, work: Promise<Transaction>): void {
    this.#starts.set(unitKey(start), start);
    const landing = this.#land(unitKey(start), work);
    this.#atWork.add(landing);
    void landing.then(() => this.#atWork.delete(landing));
  }

  /** Something came of a step that goes on. */
  tell(news: Transaction): void {
    this.#landed.push({ key: null, result: news });
    this.#wake();
  }

  async #land(key: string, work: Promise<Transaction>): Promise<void> {
    try {
      this.#landed.push({ key, result: await work });
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#wake();
  }

  #news(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Waits until a step has ended or has news, or for as long as it may; gives all of it, in order. Throws when one threw: that is a bug. */
  async landed(patienceMs: number): Promise<readonly Transaction[]> {
    // One turn of the event loop: steps that do not wait for anything must not keep signals and the disk waiting.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#landed.length === 0 && this.#failure === undefined) await this.#news(patienceMs);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#taken();
  }

  /** Waits until nothing is at work any more; gives what has landed and nobody has taken, also beside a step that threw. */
  async ended(): Promise<readonly Transaction[]> {
    await Promise.all(this.#atWork);
    return this.#taken();
  }

  #taken(): readonly Transaction[] {
    const all = this.#landed.splice(0);
    for (const { key } of all) if (key !== null) this.#starts.delete(key);
    return all.map(({ result }) => result);
  }
}
