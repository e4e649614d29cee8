/** Books results in the order in which they are given; what comes while a commit is in flight shares the next one. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Summaries } from "#runner/core/model.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { StateOutcome, StateStore } from "#runner/repo/state-store.ts";
import { WriteQueue } from "#runner/repo/write-queue.ts";
import { book } from "./ledger.ts";

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

export class Booker {
  readonly #options: BookerOptions;
  readonly #queue: WriteQueue<Transaction, void>;
  #summaries: Summaries;
  #refusal: Refusal | null = null;
  #error: Error | null = null;
  #waiting: readonly Transaction[] = [];

  constructor(options: BookerOptions) {
    this.#options = options;
    this.#summaries = options.summaries;
    this.#queue = new WriteQueue((group) => this.#write(group, []));
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

  /** Books without waiting, unless too much waits already. */
  async add(transactions: readonly Transaction[]): Promise<void> {
    this.#waiting = [...this.#waiting, ...transactions];
    for (const transaction of transactions) {
      this.#queue.add(transaction).catch((error: unknown) => {
        this.#error ??= error instanceof Error ? error : new Error(String(error));
      });
    }
    if (this.#waiting.length > MOST_WAITING) await this.settle();
  }

  /** Books with refs that move in the same update, after all that waits; durable when it resolves. */
  async book(transactions: readonly Transaction[], refs: readonly RefUpdate[]): Promise<void> {
    await this.settle();
    await this.#write(transactions, refs);
  }

  /** Resolves when everything given is durable or refused; throws what a write threw. */
  async settle(): Promise<void> {
    await this.#queue.idle();
    if (this.#error !== null) throw this.#error;
  }

  async #write(group: readonly Transaction[], refs: readonly RefUpdate[]): Promise<void> {
    if (this.#refusal !== null || this.#error !== null) return;
    const booking = { summaries: this.#summaries, transactions: group, refs };
    const { outcome, summaries } = await book(this.#options.store, booking);
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
