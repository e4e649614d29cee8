/** Retention of recorded inputs and outputs, a month and a commit at a time. */
import type { Hold } from "#runner/core/action.ts";
import { planDrops, triedUntil } from "#runner/core/payload-retention.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Retention } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import { dropMonth } from "./drop-payload.ts";
import { book } from "./ledger.ts";
import { payloadMonths, payloadNeeds } from "./payload-needs.ts";
import { publishPending } from "./publish-pending.ts";
import { readSummaries } from "./state-files.ts";

export interface DropOptions {
  readonly retention: Retention | undefined;
  readonly allowLarge: boolean;
}

export type DroppedAll =
  | { readonly kind: "done"; readonly months: readonly string[]; readonly holds: readonly Hold[] }
  | { readonly kind: "raced" }
  | { readonly kind: "unpublished"; readonly detail: string };

/** What would go, and what is held. */
export async function dropsOf(
  { store, repository, clock }: Pick<Engine, "store" | "repository" | "clock">,
  { retention, allowLarge }: DropOptions,
): Promise<ReturnType<typeof planDrops>> {
  const payload = payloadMonths(readRefs(repository));
  const facts = { others: [], now: clock(), allowLarge };
  const first = planDrops({ payload, payloadNeeds: new Map() }, retention, facts);
  const asked = first.wants.flatMap((want) => (want.kind === "payload-need" ? [want.month] : []));
  const needs = await payloadNeeds(store, asked, triedUntil(facts.now));
  return planDrops({ payload, payloadNeeds: needs }, retention, facts);
}

/** Stops between commits when it is told to. */
export async function dropAll(
  engine: Engine,
  options: DropOptions,
  signal: AbortSignal,
): Promise<DroppedAll> {
  const months: string[] = [];
  for (;;) {
    const published = await publishPending(engine, signal);
    if (!published.ok) {
      const { isRace, detail } = published;
      return isRace ? { kind: "raced" } : { kind: "unpublished", detail };
    }
    const { actions, holds } = await dropsOf(engine, options);
    const [action] = actions;
    if (action === undefined || signal.aborted) return { kind: "done", months, holds };
    if (months.includes(action.month)) return { kind: "raced" };
    const dropping = await dropMonth(engine, action);
    if (dropping.kind === "changed") return { kind: "raced" };
    const summaries = await readSummaries(engine.store);
    const booking = { summaries, transactions: [dropping.made], refs: dropping.refs };
    if ((await book(engine.store, booking)).outcome.kind !== "committed") return { kind: "raced" };
    months.push(action.month);
  }
}
