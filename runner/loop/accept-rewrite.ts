/** main was rewritten: the operator says that it counts as it is now. */
import { keptRef } from "#runner/core/ref-names.ts";
import { transaction } from "#runner/core/transaction.ts";
import { isContained } from "#runner/repo/history.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { diffTrees } from "#runner/repo/tree-diff.ts";
import { bookAtOnce, type BookedAtOnce } from "./book-at-once.ts";
import type { Engine } from "./engine.ts";
import type { Seen } from "./look.ts";

/** From the commit that was applied last to the main of now, which does not contain it. */
export interface Rewrite {
  readonly from: string;
  readonly to: string;
  /** Files that differ between the two; null where the old commit is not in this clone any more. */
  readonly files: readonly string[] | null;
}

/** null while main contains what was applied last, or nothing was applied yet. */
export async function rewriteOf(
  { repository, store: { reader } }: Pick<Engine, "repository" | "store">,
  { observed, workspace }: Pick<Seen, "observed" | "workspace">,
): Promise<Rewrite | null> {
  const from = observed.summaries.workspace.appliedCommit;
  const to = workspace?.commit;
  if (from === null || to === undefined) return null;
  if ((await isContained(repository, from, to)) !== "no") return null;
  const isHere = (await reader.resolve(`${from}^{commit}`)) !== undefined;
  const changed = isHere ? await diffTrees(reader, from, to) : null;
  return { from, to, files: changed?.map(({ path }) => path).toSorted() ?? null };
}

/** Books that main counts as it is; permission for the state of now, and for no newer one. */
export async function acceptRewrite(
  engine: Engine,
  { rewrite, by, reason, observed }: Accepting,
  signal: AbortSignal,
): Promise<BookedAtOnce> {
  const at = engine.clock();
  const { from, to } = rewrite;
  const event = { kind: "rewrite-accepted", at, project: "", from, to, by, reason } as const;
  const { summaries } = observed;
  const refs = keeping(engine, rewrite);
  return bookAtOnce(engine, { summaries, transactions: [transaction({ event })], refs }, signal);
}

/** What was delivered and decided before stands on the old main alone, which no branch of the operator's holds any more. */
function keeping({ repository }: Engine, { from, files }: Rewrite): readonly RefUpdate[] {
  const ref = keptRef(from);
  return files === null || readRefs(repository).has(ref) ? [] : [{ ref, from: null, to: from }];
}

interface Accepting {
  readonly rewrite: Rewrite;
  readonly by: string;
  readonly reason: string;
  readonly observed: Seen["observed"];
}
