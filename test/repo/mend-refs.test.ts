import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mendRefs } from "#runner/repo/mend-refs.ts";
import type { RefOutcome } from "#runner/repo/ref-transaction.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { makeRepository } from "../support/git-repo.ts";

const REF = "refs/fettle/lost";

test.each<[string, RefOutcome, boolean]>([
  ["is mended", { kind: "ok" }, true],
  ["that moved meanwhile is told as not mended", { kind: "moved", ref: REF, actual: null }, false],
  ["that is locked is told as not mended", { kind: "locked", ref: REF, detail: "" }, false],
])("a ref that cannot be read and %s", async (_, outcome, isMoved) => {
  const operator = makeRepository();
  const from = operator.git("commit-tree", "-m", "lost", "main^{tree}");
  operator.git("update-ref", REF, from);
  rmSync(join(operator.path, ".git/objects", from.slice(0, 2), from.slice(2)));
  const repository = await operator.open();
  const store = new StateStore({ repository, author: { name: "f", email: "f@localhost" } });
  const transactions = { run: () => Promise.resolve(outcome) };

  const mended = await mendRefs({ repository, reader: store.reader, transactions });
  await store.close();

  expect(mended).toEqual([{ ref: REF, from, to: null, isMoved }]);
});
