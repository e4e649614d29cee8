/** Steps that run at this moment. */
import { unitKey } from "#runner/core/parallel.ts";
import type { StepStart, Transaction } from "#runner/core/model.ts";

interface Landed {
  readonly key: string;
  readonly result: Transaction;
}

/** Promises by unit of work; what has landed is collected together, so that it shares one commit. */
export class InFlight {
  readonly #starts = new Map<string, StepStart>();
  readonly #landed: Landed[] = [];
  #failure: unknown;
  #wake: () => void = () => undefined;

  /** Keys of the units. */
  get units(): ReadonlySet<string> {
    return new Set(this.#starts.keys());
  }

  get starts(): readonly StepStart[] {
    return [...this.#starts.values()];
  }

  add(start: StepStart, work: Promise<Transaction>): void {
    const key = unitKey(start);
    this.#starts.set(key, start);
    work.then(
      (result) => {
        this.#landed.push({ key, result });
        this.#wake();
      },
      (error: unknown) => {
        this.#failure ??= error;
        this.#wake();
      },
    );
  }

  /** Waits until at least one step has ended; gives all that have. Throws when one threw: that is a bug. */
  async landed(): Promise<readonly Transaction[]> {
    while (this.#landed.length === 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
    const all = this.#landed.splice(0);
    for (const { key } of all) this.#starts.delete(key);
    return all.map(({ result }) => result);
  }
}
