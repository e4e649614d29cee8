import { onTestFinished } from "vitest";
import type { FileChange } from "#runner/repo/commit-target.ts";
import { CommitWriter } from "#runner/repo/commit-writer.ts";
import type { Delivered } from "#runner/repo/delivery.ts";
import { deliver } from "#runner/repo/delivery.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import type { RefOutcome } from "#runner/repo/ref-transaction.ts";
import { RefTransactions } from "#runner/repo/ref-transaction.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { TestRepository } from "./git-repo.ts";
import { COMMIT_TIME } from "./git-repo.ts";

const FETTLE = { name: "fettle", email: "fettle@localhost", at: COMMIT_TIME };

export const report: FileChange = { path: "reports/march.md", content: "# March\n" };
export const edited: FileChange = { path: "a.txt", content: "delivered\n" };

function hasMoved(outcome: RefOutcome): boolean {
  return outcome.kind === "ok";
}

export interface Prepared {
  readonly repository: Repository;
  readonly from: string;
  readonly to: string;
  readonly move: () => Promise<RefOutcome>;
  readonly deliver: () => Promise<Delivered<RefOutcome>>;
}

/** A commit on top of main that is ready to be delivered. */
export async function prepareDelivery(
  operator: TestRepository,
  files: readonly FileChange[],
): Promise<Prepared> {
  const repository = await operator.open();
  const reader = new ObjectReader(repository.own);
  const { own: place, objectFormat: format } = repository;
  const writer = new CommitWriter({ place, reader, format });
  const transactions = new RefTransactions(repository.own);
  onTestFinished(async () => {
    await writer.close();
    await reader.close();
    await transactions.close();
  });
  const from = operator.git("rev-parse", MAIN);
  const people = { author: FETTLE, committer: FETTLE };
  const [to = ""] = await writer.write([{ parent: from, files, message: "deliver", ...people }]);
  const move = () => transactions.run([{ ref: MAIN, from, to }]);
  return {
    repository,
    from,
    to,
    move,
    deliver: () => deliver({ repository, from, to, move, hasMoved }),
  };
}
