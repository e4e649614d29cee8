/** What becomes one commit on its way to the origin, of what is durable here commit by commit. */
import { expect, onTestFinished, test } from "vitest";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { checkpointsPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { joinPending } from "#runner/loop/join-pending.ts";
import { book, holdBack } from "#runner/loop/ledger.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import type { CheckpointsRecord } from "#runner/schema/types.gen.ts";
import { cite } from "../support/core-records.ts";
import { makeRepository } from "../support/git-repo.ts";
import { applied, stepCheckpointed } from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const AT = "2026-11-01T00:00:00.000Z";

/** What the step `draft` has saved of its item. */
function saved(item: string, page: number): Transaction {
  const unit = { run: RUN, step: "draft", item, attempt: 1 };
  const record: CheckpointsRecord = {
    ...unit,
    key: digestOf(item),
    savedAt: AT,
    checkpoints: { page: cite(page) },
  };
  return transaction({
    event: stepCheckpointed({ ...unit, at: AT, checkpoints: { page: cite(page).digest } }),
    files: [[checkpointsPath(RUN, unit), record]],
  });
}

/** How many commits stand on the branch after each of the groups had one, and all were joined where they may be. */
async function commitsOf(...groups: readonly (readonly Transaction[])[]): Promise<number> {
  const operator = makeRepository();
  const author = { name: "fettle", email: "runner@fettle.invalid" };
  const store = new StateStore({ repository: await operator.open(), author });
  onTestFinished(() => store.close());
  const first = [transaction({ event: applied() })];
  let { summaries } = await book(store, { summaries: NO_SUMMARIES, transactions: first, refs: [] });
  for (const transactions of groups) {
    ({ summaries } = await holdBack(store, { summaries, transactions }));
  }
  await joinPending(store);
  return store.unoffered.commits.length;
}

test("Records that stand at the end as each commit left them are joined.", async () => {
  expect(await commitsOf([saved("a", 1)], [saved("b", 1), saved("c", 1)], [saved("d", 1)])).toBe(1);
});

test("A record that a later commit has replaced keeps them apart, however many others are the same.", async () => {
  expect(await commitsOf([saved("a", 1), saved("b", 1)], [saved("a", 2)])).toBe(2);
  expect(await commitsOf([saved("a", 1)], [saved("a", 2)], [saved("a", 3)])).toBe(3);
});
