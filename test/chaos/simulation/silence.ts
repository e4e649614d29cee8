/** What must be true of gates that go on by themselves: nobody had said a word, or wanted to be asked, before their time was up. */
import { addMs } from "#runner/core/time/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Remote } from "./remote.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";

/** Gates that were ever open, and what of them may be sent. */
interface Shown {
  readonly remote: Pick<Remote, "observed">;
  readonly gates: ReadonlyMap<string, GateRecord>;
  readonly approved: Set<unknown>;
}

export class Silence {
  readonly #report: (violation: string) => void;
  /** How far the clock of a runner may be from that of the operator. */
  readonly #marginMs: number;
  /** Gates with the instant from which on everybody could hear of it. */
  readonly #words = new Map<string, string>();
  /** Gates that an operator has rejected on the state branch. */
  readonly #rejected = new Set<string>();
  /** Since when main says that the operator wants to be asked. */
  #strictSince: string | null = null;

  constructor(report: (violation: string) => void, marginMs: number) {
    this.#report = report;
    this.#marginMs = marginMs;
  }

  say(gate: string, now: string): void {
    if (!this.#words.has(gate)) this.#words.set(gate, now);
  }

  takeBack(gate: string): void {
    this.#words.delete(gate);
  }

  beStrict(isStrict: boolean, now: string): void {
    this.#strictSince = isStrict ? (this.#strictSince ?? now) : null;
  }

  see({ event, files }: Transaction, world: Shown): void {
    for (const gate of [...files.values()].flatMap(rejectedBy)) this.#rejected.add(gate);
    if (event.kind !== "gate-settled" || event.decision !== "not-objected") return;
    const gate = world.gates.get(event.gate ?? "");
    if (gate === undefined) return;
    this.#seePassing(gate, event.at);
    approve(gate, world);
  }

  #seePassing({ id, vetoUntil = "9" }: GateRecord, at: string): void {
    if (at < vetoUntil) this.#report(`${id} went on by itself before ${vetoUntil}`);
    if (this.#rejected.has(id)) this.#report(`${id} went on by itself and was rejected`);
    const inTime = addMs(vetoUntil, -this.#marginMs);
    if ((this.#words.get(id) ?? "9") < inTime) this.#report(`${id} went on over a word`);
    if ((this.#strictSince ?? "9") < inTime) this.#report(`${id} went on, and was to be asked`);
  }
}

function rejectedBy(record: object | null): readonly string[] {
  const isRejection = record !== null && "kind" in record && record.kind === "reject";
  return isRejection && "gate" in record ? [String(record.gate)] : [];
}

/** What nobody objected to may be sent like what was approved. */
function approve({ run, items }: GateRecord, { remote, approved }: Shown): void {
  const values = remote.observed.runs.get(run)?.values;
  for (const { outputs } of items) {
    const shown = values?.get(outputs.digest);
    if (typeof shown === "object" && shown !== null && "text" in shown) approved.add(shown.text);
  }
}
