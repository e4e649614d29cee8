/** What is kept of transactions, after others were faster, says what they said and what others have recorded of the same effect. */
import { expect, test } from "vitest";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { attemptPath, receiptPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import { keptTransaction } from "#runner/protocol/kept-transaction.ts";
import { attempt, receipts } from "../support/core-records.ts";
import { stepFinished } from "../support/ledger-events.ts";

const RUN = "chase.aaaaaaaaaaaa";
const UNIT = { step: "draft", item: null };
const EFFECT = { key: "k", base: `sha256:${"c".repeat(64)}`, ordinal: 2, onceKey: "o" };
const PATH = receiptPath(EFFECT.base);
const OURS = receipts(EFFECT.base, [{ ordinal: 2 }]);
const MERGED = receipts(EFFECT.base, [{ ordinal: 1 }, { ordinal: 2 }]);

const result: Transaction = transaction({
  event: stepFinished({ effect: EFFECT }),
  files: [
    [attemptPath(RUN, UNIT, 1), attempt("draft")],
    [PATH, OURS],
  ],
  change: { kind: "attempt", attempt: attempt("draft"), receipt: OURS },
});

test("a result that is kept as it was is the same transaction", () => {
  expect(keptTransaction(result, [result])).toBe(result);
});

test("a result that is kept with what others have recorded of its effect books both", () => {
  const files = new Map<string, object | null>(result.files).set(PATH, MERGED);

  const kept = keptTransaction({ event: result.event, files }, [result]);

  expect(kept.files.get(PATH)).toBe(MERGED);
  expect(kept.change).toMatchObject({ kind: "attempt", receipt: MERGED });
});
