/** How many entries one write may carry. */
const LARGEST_GROUP = 256;

interface Waiting<Entry, Outcome> {
  readonly entry: Entry;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: entries that arrive while a write is in flight share the next one.
 *
 * Every entry of a group gets the outcome of its write; a group of one is written at once.
 */
export class WriteQueue<Entry, Outcome> {
  readonly #write: (entries: readonly Entry[]) => Promise<Outcome>;
  readonly #waiting: Waiting<Entry, Outcome>[] = [];
  #running: Promise<void> | undefined;

  constructor(write: (entries: readonly Entry[]) => Promise<Outcome>) {
    this.#write = write;
  }

  add(entry: Entry): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when nothing waits or is being written. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    // One turn later, so that entries added together are written together.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeGroup(this.#waiting.splice(0, LARGEST_GROUP));
    this.#running = undefined;
  }

  async #writeGroup(group: readonly Waiting<Entry, Outcome>[]): Promise<void> {
    try {
      const outcome = await this.#write(group.map(({ entry }) => entry));
      for (const { resolve } of group) resolve(outcome);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
