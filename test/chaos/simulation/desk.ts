/** What must be true of the operator's desk: what is shown there, what is asked for from it, what is answered, and what of an inbox is handled. */
import type { EventOf, Transaction } from "#runner/core/ledger-event.ts";
import { QUESTION, REVIEWS_A_DAY } from "./company.ts";

export class Desk {
  readonly #report: (violation: string) => void;
  readonly #briefings = new Set<string>();
  /** Gates that were shown, by day. */
  readonly #shown = new Map<string, number>();
  readonly #asked = new Set<string>();
  readonly #handled = new Set<string>();
  /** Runs whose question was answered. */
  readonly #answered = new Set<string>();

  constructor(report: (violation: string) => void) {
    this.#report = report;
  }

  /** Somebody has asked for it, and was not refused. */
  expect(request: string): void {
    this.#asked.add(request);
  }

  /** What was asked for and never arrived. */
  get unheard(): readonly string[] {
    return [...this.#asked];
  }

  hasAnswer(run: string): boolean {
    return this.#answered.has(run);
  }

  /** What the origin has accepted at once. */
  see(group: readonly Transaction[], isBusy: boolean): void {
    const opened = group.flatMap(({ event }) => (event.kind === "gate-opened" ? [event] : []));
    if (isBusy) for (const gate of opened) this.#seeGate(gate);
    this.#seeBriefings(opened);
    for (const { event } of group) {
      if (event.kind === "request-made") this.#asked.delete(event.request);
      if (event.kind === "gate-settled") this.#seeDecision(event);
      if (event.kind === "run-finished") this.#seeHandled(event);
    }
  }

  /** An item that was handled is never handled again. */
  #seeHandled({ parent, result }: EventOf<"run-finished">): void {
    const item = parent?.item ?? null;
    if (item === null || result !== "succeeded") return;
    if (this.#handled.has(item)) this.#report(`${item} was handled twice`);
    this.#handled.add(item);
  }

  #seeGate({ at }: EventOf<"gate-opened">): void {
    const day = at.slice(0, 10);
    const count = (this.#shown.get(day) ?? 0) + 1;
    this.#shown.set(day, count);
    if (count > REVIEWS_A_DAY) this.#report(`${day}: ${count} gates were shown`);
  }

  /** What stands on the branch of a briefing is published with it, and nothing later. */
  #seeBriefings(opened: readonly EventOf<"gate-opened">[]): void {
    for (const briefing of new Set(opened.flatMap((gate) => gate.briefing ?? []))) {
      if (this.#briefings.has(briefing)) this.#report(`the briefing of ${briefing}: twice`);
      this.#briefings.add(briefing);
    }
  }

  #seeDecision({ run, step, decision }: EventOf<"gate-settled">): void {
    if (step === QUESTION && decision === "answered") this.#answered.add(run);
  }
}
