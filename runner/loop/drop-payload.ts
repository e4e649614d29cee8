/** Content leaves a payload branch for good: the state says so in the same update. */
import type { PayloadDrop } from "#runner/core/action.ts";
import type { EventOf, Transaction } from "#runner/core/ledger-event.ts";
import { triedUntil } from "#runner/core/payload-retention.ts";
import { withDropped } from "#runner/core/payload-tombstones.ts";
import { payloadRef } from "#runner/core/ref-names.ts";
import { payloadTombstonesPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs } from "#runner/repo/refs.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Engine } from "./engine.ts";
import { payloadNeeds } from "./payload-needs.ts";
import { readRecord } from "./state-files.ts";

/** `changed`: state or payload are not what was seen, or not published yet. */
export type Dropping =
  | { readonly kind: "made"; readonly made: Transaction; readonly refs: readonly RefUpdate[] }
  | { readonly kind: "changed" };

type Hands = Pick<Engine, "store" | "repository" | "clock">;

/** Looks once more whether nothing needs it: what this tick has begun since may. */
export async function dropMonth(hands: Hands, action: PayloadDrop): Promise<Dropping> {
  const { store, repository, clock } = hands;
  const { month, head, rule } = action;
  const isSeen = readRefs(repository).get(payloadRef(month)) === head;
  if (!isSeen || store.tip !== store.publishedTip) return { kind: "changed" };
  const needs = await payloadNeeds(store, [month], triedUntil(clock()));
  if (needs.get(month) !== null) return { kind: "changed" };
  return taken(hands, { month, by: "retention", rule, digests: null, from: head, head: null });
}

export type Taking = Pick<
  EventOf<"payload-dropped">,
  "month" | "by" | "rule" | "digests" | "from" | "head"
>;

/** The transaction with the move of the branch. */
export async function taken({ store, clock }: Hands, taking: Taking): Promise<Dropping> {
  const { month, from, head } = taking;
  const path = payloadTombstonesPath(month);
  const before = (await readRecord(store, path, records.payloadTombstones)) ?? null;
  const event = { kind: "payload-dropped", at: clock(), project: "", ...taking } as const;
  const files = [[path, withDropped(before, event)]] as const;
  const change = { kind: "payload-dropped", month, head } as const;
  const refs = [{ ref: payloadRef(month), from, to: head, isTaking: true }] as const;
  return { kind: "made", made: transaction({ event, files, change }), refs };
}
