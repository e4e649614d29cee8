/** What must be true whatever has happened; asked at every transaction that is accepted and at every effect. */
import { localDay } from "#runner/core/time/calendar.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { isLanesEnd } from "#runner/core/lease.ts";
import type { EventOf, LedgerEvent, Transaction } from "#runner/core/ledger-event.ts";
import { receiptPath } from "#runner/core/state-path.ts";
import { isReceipts, stateOf } from "#runner/protocol/receipt.ts";
import { EVERY_MS, SHOP, SLOW, type Company, zoneOf } from "./company.ts";
import { Desk } from "./desk.ts";

/** What stands outside of the history that is judged. */
export interface Judged {
  /** What a commit of main says. */
  readonly says: (commit: string) => Company;
  /** Whether the operator has taken what this commit brought off main, and not by accident. */
  readonly mayRemove: (commit: string) => boolean;
  /** How far the instants of two runners may be apart. */
  readonly skewMs: number;
}

export class Checker {
  /** Each as a sentence. */
  readonly violations: string[] = [];
  /** Keys of effects, each time that one was carried out. */
  readonly effects: string[] = [];
  readonly desk = new Desk((violation) => this.report(violation));
  readonly #judged: Judged;
  readonly #once = new Set<string>();
  readonly #intended = new Map<string, EventOf<"effect-intended">>();
  readonly #perDay = new Map<string, number>();
  /** Runs that have begun to act, runs that have waited, and projects with the commit in force. */
  readonly #acting = new Set<string>();
  readonly #waited = new Set<string>();
  readonly #applied = new Map<string, string>();
  readonly #marks = new Map<string, unknown>();
  /** Of the claims that stand, by runner. */
  readonly #fences = new Map<string, number>();

  constructor(judged: Judged) {
    this.#judged = judged;
  }

  report(violation: string): void {
    this.violations.push(violation);
  }

  /** What the origin has accepted at once. */
  seeAll(group: readonly Transaction[]): void {
    this.desk.see(group, this.#isBusy(SHOP));
    for (const done of group) this.#see(done);
  }

  #isBusy(project: string): boolean {
    return this.#judged.says(this.#applied.get(project) ?? "").isBusy;
  }

  #see(done: Transaction): void {
    const { event, values } = done;
    const name = onlyOnce(event);
    if (name !== null && this.#once.has(name)) this.report(`${name}: twice`);
    if (name !== null) this.#once.add(name);
    if (event.kind === "work-claimed") this.#seeClaim(event);
    else if (event.kind === "wait-ended") this.#seeWait(event);
    else if (event.kind === "effect-intended" && event.takenOver) this.#seeTaking(event);
    else if (event.kind === "effect-intended") this.#seeIntent(event);
    else if (event.kind === "step-finished") this.#seeResult(event, values);
    else this.#seeLife(event);
    this.#seeReceipt(done);
  }

  /** What an agent does; under a key that is honoured a second time changes nothing. */
  act(key: string, isSpared: boolean): void {
    const isKnown = this.effects.includes(key);
    if (!this.#intended.has(key)) this.report(`${key} was carried out without a published intent`);
    if (isKnown && !isSpared) this.report(`the effect ${key} was carried out twice`);
    if (!isKnown || !isSpared) this.effects.push(key);
  }

  /** The record of lanes that are over goes: their fence counts for nobody any more. */
  #seeClaim(claim: EventOf<"work-claimed">): void {
    const { runner, fence } = claim;
    if (fence <= Math.max(0, ...this.#fences.values())) {
      this.report(`${runner} claims with an old fence`);
    }
    if (isLanesEnd(claim)) this.#fences.delete(runner);
    else this.#fences.set(runner, fence);
  }

  #seeWait({ run, until, at }: EventOf<"wait-ended">): void {
    this.#waited.add(run);
    if ((until ?? "") > at) this.report(`${run} waited too short a time`);
  }

  #seeLife(event: LedgerEvent): void {
    const { project } = event;
    if (event.kind === "project-applied") this.#seeVersion(project, event.commit);
    if (event.kind === "run-started" && !this.#applied.has(project)) {
      this.report(`${event.run} was started in ${project}, which is not there`);
    }
    if (event.kind === "project-removed") this.#seeRemoval(project);
    // Only a run that has not begun to act may be replaced.
    const isReplaced = event.kind === "run-finished" && event.reason.startsWith("replaced by");
    if (isReplaced && this.#acting.has(event.run))
      this.report(`${event.run} was replaced half-way`);
  }

  /** What stands there unchanged is known to whoever builds on that commit. */
  #seeVersion(project: string, commit: string): void {
    const { hasSide, mailsADay, max } = this.#judged.says(commit);
    for (const [other, before] of this.#applied) {
      const says = this.#judged.says(before);
      if (hasSide && says.mailsADay === mailsADay && says.max === max)
        this.#applied.set(other, commit);
    }
    this.#applied.set(project, commit);
  }

  #seeRemoval(project: string): void {
    const applied = this.#applied.get(project);
    if (applied === undefined) this.report(`${project} was removed twice`);
    else if (!this.#judged.mayRemove(applied)) this.report(`${project} was removed by an accident`);
    this.#applied.delete(project);
  }

  #seeReadiness({ run, project }: EventOf<"effect-intended">): void {
    if (!this.#waited.has(run)) this.report(`${run} did not wait`);
    const isAnswered = !this.#isBusy(project) || this.desk.hasAnswer(run);
    if (!isAnswered) this.report(`${run} has a question that nobody has answered`);
  }

  /** It was permitted once, and is no second time. */
  #seeTaking({ run, effect }: EventOf<"effect-intended">): void {
    if (!this.#intended.has(effect.key)) this.report(`${run} takes over what nobody has intended`);
  }

  #seeIntent(event: EventOf<"effect-intended">): void {
    const { effect, run, agent, at, project } = event;
    this.#acting.add(run);
    if (run.startsWith(`${SLOW}.`)) this.#seeReadiness(event);
    const says = this.#judged.says(this.#applied.get(project) ?? "");
    const { mailsADay, max } = says;
    if (effect.ordinal > max) this.report(`${effect.onceKey}: ${effect.ordinal} of ${max} times`);
    const day = `${agent} ${localDay(at, zoneOf(says))}`;
    const count = (this.#perDay.get(day) ?? 0) + 1;
    this.#perDay.set(day, count);
    if (count > mailsADay) this.report(`${day}: ${count} of ${mailsADay} were permitted`);
    const before = this.#intended.get(`${effect.base} ${effect.ordinal - 1}`)?.at;
    const soonest = before === undefined ? "" : addMs(before, EVERY_MS - this.#judged.skewMs);
    if (at < soonest) this.report(`${effect.onceKey} happens again too soon`);
    this.#intended.set(effect.key, event).set(`${effect.base} ${effect.ordinal}`, event);
  }

  #seeResult(event: EventOf<"step-finished">, values: Transaction["values"]): void {
    const { run, step, effect, outcome } = event;
    if (effect !== null && outcome === "succeeded" && !this.effects.includes(effect.key)) {
      this.report(`the effect ${effect.key} is recorded and was never carried out`);
    }
    for (const value of values.values()) {
      if (typeof value === "object" && value !== null) this.#seeOutputs(run, step, value);
    }
  }

  /** Where its time is free again, nobody may go on with it. */
  #seeReceipt({ event, files }: Transaction): void {
    if (!("effect" in event) || event.effect === null) return;
    const { key, base, ordinal } = event.effect;
    const record = files.get(receiptPath(base));
    if (record === undefined || record === null || !isReceipts(record)) return;
    if (stateOf(record, ordinal) !== null) return;
    if (this.effects.includes(key)) this.report(`${key} has happened, and counts as not done`);
    this.#intended.delete(key);
  }

  #seeOutputs(run: string, step: string, value: object): void {
    if ("mark" in value && step === "find") this.#marks.set(run, value.mark);
    const isMixed = "madeFrom" in value && value.madeFrom !== this.#marks.get(run);
    if (step === "draft" && isMixed) {
      this.report(`a draft of ${run} was made from a list that is not recorded`);
    }
  }
}

/** What may be recorded once only; null for what may come again. */
function onlyOnce(event: LedgerEvent): string | null {
  const { kind } = event;
  if (kind === "gate-queued" || kind === "gate-opened") return `${kind} ${event.gate}`;
  return onlyOnceOfRun(event);
}

function onlyOnceOfRun(event: LedgerEvent): string | null {
  const { kind } = event;
  if (kind === "run-started" || kind === "run-finished") return `${kind} ${event.run}`;
  if (kind === "step-finished") {
    return `${kind} ${event.run} ${event.step} ${event.item ?? ""} ${event.attempt}`;
  }
  if (kind === "wait-ended" || kind === "gate-settled") return `${kind} ${event.run} ${event.step}`;
  return kind === "request-made" || kind === "request-settled" ? `${kind} ${event.request}` : null;
}
