/** Compaction of all that is old enough, a bounded commit at a time. */
import { type Compaction, compactionOf, isNothing } from "#runner/core/compaction.ts";
import { compact } from "./compact.ts";
import type { Engine } from "./engine.ts";
import { book } from "./ledger.ts";
import { publishPending } from "./publish-pending.ts";
import { readSummaries } from "./state-files.ts";
import { readTipFolders } from "./tip-folders.ts";

export type CompactedAll =
  | { readonly kind: "done"; readonly compactions: readonly Compaction[] }
  /** Some of what would be folded is not in this clone. */
  | { readonly kind: "not-here" }
  | { readonly kind: "raced" }
  | { readonly kind: "unpublished"; readonly detail: string };

const REBUILDS_LIMIT = 8;

/** Only what is published is folded; on a newer state it is looked at again. Stops between commits when it is told to. */
export async function compactAll(engine: Engine, signal: AbortSignal): Promise<CompactedAll> {
  const compactions: Compaction[] = [];
  let rebuilds = 0;
  while (!signal.aborted) {
    const first = await publishPending(engine, signal);
    if (!first.ok) return unpublished(first);
    const compaction = compactionOf(await readTipFolders(engine.store), engine.clock());
    if (isNothing(compaction)) break;
    const compacting = await compact(engine, compaction);
    if (compacting.kind === "not-here") return { kind: "not-here" };
    if (compacting.kind === "unpublished") return { kind: "raced" };
    const summaries = await readSummaries(engine.store);
    const { outcome } = await book(engine.store, {
      summaries,
      transactions: [compacting.made],
      refs: [],
    });
    if (outcome.kind !== "committed") return { kind: "raced" };
    const published = await publishPending(engine, signal);
    if (!published.ok) return unpublished(published);
    if (!published.isRebuilt) compactions.push(compaction);
    else if ((rebuilds += 1) > REBUILDS_LIMIT) return { kind: "raced" };
  }
  return { kind: "done", compactions };
}

function unpublished({ isRace, detail }: { isRace: boolean; detail: string }): CompactedAll {
  return isRace ? { kind: "raced" } : { kind: "unpublished", detail };
}
