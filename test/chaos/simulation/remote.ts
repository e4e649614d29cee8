/** The origin in memory: groups of transactions in the order in which they were accepted, and what they add up to. */
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { Observed } from "#runner/core/model.ts";
import { observeTransactions } from "#runner/core/observe-transaction.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import { EMPTY } from "../../support/core-builders.ts";

/** What one commit holds. */
export type Group = readonly Transaction[];

export class Remote {
  readonly groups: Group[] = [];
  observed: Observed = EMPTY;
  /** Runs that have ended. */
  readonly closed = new Set<string>();

  get tip(): number {
    return this.groups.length;
  }

  /** All transactions that were ever accepted. */
  get history(): readonly Transaction[] {
    return this.groups.flat();
  }

  /** As git takes a push: groups that stand on `base`, where nothing but the first of them has come since. */
  push(base: number, groups: readonly Group[]): boolean {
    const since = this.groups.slice(base);
    if (since.some((group, index) => group !== groups[index])) return false;
    for (const group of groups.slice(since.length)) this.add(group);
    return true;
  }

  add(group: Group): void {
    this.groups.push(group);
    this.observed = group.reduce(observed, this.observed);
    for (const { event } of group) if (event.kind === "run-finished") this.closed.add(event.run);
  }
}

/** `observeTransactions`, and requests: the loop reads these anew. */
export function observed(before: Observed, transaction: Transaction): Observed {
  const after = observeTransactions(before, [transaction]);
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
