/** The origin in memory: groups of transactions in the order in which they were accepted, and what they add up to. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { observeTransactions } from "#runner/core/observe-transaction.ts";
import { withoutJoined } from "./compacting.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { EMPTY } from "../../support/core-builders.ts";

/** What one commit holds. */
export type Group = readonly Transaction[];

type Watcher = (group: Group) => void;

interface Standing {
  readonly groups: readonly Group[];
  readonly observed: Observed;
}

export class Remote {
  groups: readonly Group[] = [];
  observed: Observed = EMPTY;
  /** Runs that have ended. */
  readonly closed = new Set<string>();
  /** All transactions that were ever accepted. */
  readonly history: Transaction[] = [];
  /** Compactions, oldest first, with how many commits the origin had then. */
  readonly compactions: (readonly [tip: number, done: Transaction])[] = [];
  readonly #onAccepted: Watcher;
  /** What stood here before it was set back. */
  #before: Standing | null = null;

  constructor(onAccepted: Watcher = () => undefined) {
    this.#onAccepted = onAccepted;
  }

  get tip(): number {
    return this.groups.length;
  }

  /** When runs have ended. */
  get ends(): readonly string[] {
    return this.history.flatMap(({ event }) => (event.kind === "run-finished" ? [event.at] : []));
  }

  get isSetBack(): boolean {
    return this.#before !== null;
  }

  /** As git takes a push: groups that stand on `base`, where nothing but the first of them has come since. */
  push(base: number, groups: readonly Group[]): boolean {
    if (base > this.tip) return false;
    const since = this.groups.slice(base);
    if (since.some((group, index) => group !== groups[index])) return false;
    for (const group of groups.slice(since.length)) this.add(group);
    return true;
  }

  add(group: Group): void {
    this.groups = [...this.groups, group];
    this.observed = group.reduce(observed, this.observed);
    for (const { event } of group) if (event.kind === "run-finished") this.closed.add(event.run);
    for (const done of group)
      if (done.event.kind === "state-compacted") this.compactions.push([this.tip, done]);
    this.history.push(...group);
    this.#onAccepted(group);
  }

  /** A force-push of an older state. */
  setBack(to: number): void {
    const { groups, observed: then } = this;
    this.#before = { groups, observed: then };
    this.groups = groups.slice(0, to);
    this.observed = this.groups.flat().reduce(observed, EMPTY);
  }

  /** What `fettle doctor --repair` does in a clone that has seen the newest. */
  putBack(): void {
    if (this.#before !== null) Object.assign(this, this.#before);
    this.#before = null;
  }
}

/** `observeTransactions`, and requests: the loop reads these anew. */
export function observed(before: Observed, transaction: Transaction): Observed {
  const after = withoutJoined(observeTransactions(before, [transaction]), transaction);
  const made = [...transaction.files].flatMap(([path, record]) =>
    transaction.event.kind === "request-made" && record !== null && path.startsWith("requests/")
      ? [record]
      : [],
  );
  return { ...after, requests: [...after.requests, ...made.filter(isRequest)] };
}

function isRequest(record: object): record is RequestRecord {
  return "id" in record && "by" in record;
}
