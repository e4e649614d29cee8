/** Books in the order in which it is given; what is given before the loop waits, or while a commit is in flight, shares the next one. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Summaries } from "#runner/core/model.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { StateOutcome, StateStore } from "#runner/repo/state-store.ts";
import { WriteQueue } from "#runner/repo/write-queue.ts";
import type { Engine } from "./engine.ts";
import { joinPending } from "./join-pending.ts";
import { book, holdBack } from "./ledger.ts";

export interface BookerOptions {
  readonly store: StateStore;
  /** Those that the tip of the store holds. */
  readonly summaries: Summaries;
  /** Told in order, once they are durable. */
  readonly onBooked: (transactions: readonly Transaction[]) => void;
}

type Refusal = Exclude<StateOutcome, { readonly kind: "committed" }> | { readonly kind: "moved" };

/** How much may wait before the loop waits for it. */
const MOST_WAITING = 512;
const LARGEST_GROUP = 256;

export class Booker {
  readonly #options: BookerOptions;
  readonly #queue: WriteQueue<Transaction, void>;
  #summaries: Summaries;
  #refusal: Refusal | null = null;
  #error: Error | null = null;
  #waiting: readonly Transaction[] = [];
  /** The part of what waits whose commit has not begun. */
  #gathered: Transaction[] = [];

  constructor(options: BookerOptions) {
    this.#options = options;
    this.#summaries = options.summaries;
    this.#queue = new WriteQueue((group) => this.#write(group, "held-back"));
  }

  /** Not durable yet: nothing that a person or the outside world sees may follow from it before `settle`. */
  get waiting(): readonly Transaction[] {
    return this.#waiting;
  }

  /** Why a commit was refused; nothing is booked any more then. */
  get refusal(): Refusal | null {
    return this.#refusal;
  }

  /** The state has moved on without it: nothing is booked any more. */
  retire(): void {
    this.#refusal ??= { kind: "moved" };
  }

  /** Takes them without waiting, unless too much waits already; what follows from them without delay can share their commit. */
  async add(transactions: readonly Transaction[]): Promise<void> {
    this.#waiting = [...this.#waiting, ...transactions];
    this.#gathered.push(...transactions);
    if (this.#waiting.length > MOST_WAITING) await this.settle();
  }

  /** Begins to write what was added: nothing more will follow from it before something else comes. */
  begin(): void {
    for (const transaction of this.#gathered.splice(0)) {
      this.#queue.add(transaction).catch((error: unknown) => {
        this.#error ??= error instanceof Error ? error : new Error(String(error));
      });
    }
  }

  /** Books with refs that move in the same update, together with what was added last; durable when it resolves. */
  async book(transactions: readonly Transaction[], refs: readonly RefUpdate[]): Promise<void> {
    if (this.#gathered.length > LARGEST_GROUP) this.begin();
    const group = [...this.#gathered.splice(0), ...transactions];
    await this.settle();
    const { store } = this.#options;
    // Other refs move on the branches at once, and all that was held back with them.
    if (store.holdsBack && refs.length > 0) await joinPending(store);
    await this.#write(group, store.holdsBack && refs.length === 0 ? "held-back" : refs);
  }

  /** Resolves when everything given is durable or refused; throws what a write threw. */
  async settle(): Promise<void> {
    this.begin();
    await this.#queue.idle();
    if (this.#error !== null) throw this.#error;
  }

  /** The same, before all is published: where nothing was held back, the last group goes where it is published at once, without a commit beside the branches first. */
  async flush(): Promise<void> {
    const isOne = this.#gathered.length > 0 && this.#gathered.length <= LARGEST_GROUP;
    await (isOne ? this.book([], []) : this.settle());
  }

  async #write(
    group: readonly Transaction[],
    refs: readonly RefUpdate[] | "held-back",
  ): Promise<void> {
    if (this.#refusal !== null || this.#error !== null) return;
    const { store } = this.#options;
    const booking = { summaries: this.#summaries, transactions: group };
    const { outcome, summaries } =
      refs === "held-back"
        ? await holdBack(store, booking)
        : await book(store, { ...booking, refs });
    if (outcome.kind !== "committed") {
      this.#refusal = outcome;
      return;
    }
    this.#summaries = summaries;
    const done = new Set(group);
    this.#waiting = this.#waiting.filter((transaction) => !done.has(transaction));
    this.#options.onBooked(group);
  }
}

/** On the tip of the engine's store; tells each event once it is durable, and how many transactions there were. */
export function bookerFor(
  { store, onProgress }: Pick<Engine, "store" | "onProgress">,
  summaries: Summaries,
  onBooked: (count: number) => void,
): Booker {
  return new Booker({
    store,
    summaries,
    onBooked: (transactions) => {
      onBooked(transactions.length);
      for (const { event } of transactions) onProgress(event);
    },
  });
}
