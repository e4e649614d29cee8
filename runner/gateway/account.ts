/** The money of one attempt as its requests see it, and what became of each. */
import { randomBytes } from "node:crypto";
import {
  type Cost,
  type Ask,
  type Book,
  heldOf,
  openBook,
  reserve,
  settle,
  takeBack,
  type Turn,
  type Verdict,
} from "#runner/core/money/reservation.ts";
import { inputTokens, sumOfTokens } from "#runner/core/money/token-usage.ts";
import type { AccountOptions, AccountReport, Call, ReportedRefusal } from "./options.ts";
import type { Refusal, Standing } from "./refusal.ts";
import type { Upstream } from "./upstream.ts";

type Answer = Verdict | { readonly kind: "withdrawn" };

/** Longest that a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class OpenAccount {
  /** Stands in the path of its URLs. */
  readonly id = randomBytes(16).toString("hex");
  readonly token = `fettle-${randomBytes(24).toString("hex")}`;
  readonly options: AccountOptions;
  /** Ends with the attempt, at its deadline, or when the account is closed. */
  readonly signal: AbortSignal;
  readonly #end = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #answers = new Map<string, (answer: Answer) => void>();
  readonly #answered = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  /** By model: how many times more tokens an input had than it was taken for. */
  readonly #underestimates = new Map<string, number>();
  readonly #calls: Call[] = [];
  readonly #refusals: ReportedRefusal[] = [];
  #book: Book;
  #asks = 0;

  constructor(options: AccountOptions, nowMs: number) {
    this.options = options;
    this.#book = openBook(options.grant);
    this.signal = AbortSignal.any([options.signal, this.#end.signal]);
    const left = Math.min(Math.max(options.deadline - nowMs, 0), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#end.abort(), left);
    this.#timer.unref();
  }

  upstream(name: string): Upstream | undefined {
    return this.options.upstreams.find((one) => one.name === name);
  }

  /** Reserves at once or when others have given back; `withdrawn` when the signal ends the waiting. */
  reserve(amounts: Omit<Ask, "id">, signal: AbortSignal): Promise<Answer> {
    this.#asks += 1;
    const id = String(this.#asks);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const withdraw = (): void => {
      if (!this.#answers.has(id)) return;
      this.#answer(id, { kind: "withdrawn" });
      this.#turn(takeBack(this.#book, id));
    };
    this.#answers.set(id, (answer) => {
      signal.removeEventListener("abort", withdraw);
      resolve(answer);
    });
    this.#turn(reserve(this.#book, { id, ...amounts }));
    if (signal.aborted) withdraw();
    else signal.addEventListener("abort", withdraw, { once: true });
    return promise;
  }

  /** For a request that was never sent. */
  takeBack(id: string): void {
    this.#turn(takeBack(this.#book, id));
  }

  settle(id: string, call: Call, cost: Cost): void {
    this.#calls.push(call);
    this.#learn(call);
    if (call.status !== null && call.status < 300) {
      const times = this.timesAnswered(call.requestDigest);
      this.#answered.set(call.requestDigest, times + 1);
    }
    this.#turn(settle(this.#book, id, cost));
  }

  /** What an input is taken for, after what the provider has counted in this attempt; never less than the estimate. */
  corrected(model: string, estimate: number): number {
    return Math.ceil(estimate * (this.#underestimates.get(model) ?? 1));
  }

  #learn({ modelAsked, usage, inputEstimate, isWhole }: Call): void {
    const factor = this.#underestimates.get(modelAsked) ?? 1;
    if (!isWhole || inputTokens(usage) <= inputEstimate) return;
    this.#underestimates.set(modelAsked, (factor * inputTokens(usage)) / inputEstimate);
  }

  timesAnswered(digest: string): number {
    return this.#answered.get(digest) ?? 0;
  }

  refuse(refusal: Refusal, upstream: string | null, model: string | null): void {
    this.#refusals.push({ ...refusal, upstream, model });
  }

  standing(): Standing {
    const { grant: cap, spent, requests } = this.#book;
    return { cap, spent, requests, held: heldOf(this.#book) };
  }

  /** What must be over before the account is closed. */
  follow(work: Promise<void>): void {
    this.#underWay.add(work);
    const forget = (): boolean => this.#underWay.delete(work);
    work.then(forget, () => undefined);
  }

  report(): AccountReport {
    const { spent, requests, held } = { ...this.standing() };
    return {
      calls: [...this.#calls],
      refusals: [...this.#refusals],
      micros: spent.micros,
      usage: sumOfTokens(this.#calls.map(({ usage }) => usage)),
      requests,
      held,
    };
  }

  async close(): Promise<AccountReport> {
    clearTimeout(this.#timer);
    this.#end.abort();
    await Promise.all(this.#underWay);
    return this.report();
  }

  #turn({ book, verdicts }: Turn): void {
    this.#book = book;
    const { micros, tokens } = heldOf(book);
    this.options.hold?.({
      micros: book.spent.micros + micros,
      tokens: book.spent.tokens + tokens,
      requests: book.requests,
    });
    for (const verdict of verdicts) this.#answer(verdict.id, verdict);
  }

  #answer(id: string, answer: Answer): void {
    const tell = this.#answers.get(id);
    this.#answers.delete(id);
    tell?.(answer);
  }
}
