/** What a runner without an origin had held back when it was killed, in a clone that has an origin by now. */
import { pendingRef, publishedRef } from "#runner/core/ref-names.ts";
import { RefTransactions } from "./ref-transaction.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";
import { ALONE } from "./runner-name.ts";

/** From here on it waits for the origin, as all that this runner has not published; only under the runner's lock. */
export async function takeOverHeldBack({
  origin,
  runner,
  ...repository
}: Repository): Promise<void> {
  if (origin === null) return;
  const refs = readRefs(repository);
  const moves = [...refs].flatMap(([name, commit]) => {
    const ref = publishedRef(ALONE, name);
    if (ref === undefined) return [];
    return [
      { ref: pendingRef(runner, ref), from: null, to: commit },
      { ref: name, from: commit, to: null },
    ];
  });
  if (moves.length === 0) return;
  const transactions = new RefTransactions(repository.own);
  await transactions.run(moves);
  await transactions.close();
}
