/** What a step at work has saved, as a transaction. */
import { type Checkpoints, digestsOf } from "#runner/core/checkpoint.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { checkpointsPath } from "#runner/core/state-path.ts";
import { PayloadDraft, transaction } from "#runner/core/transaction.ts";
import type { Invocation } from "#runner/runtimes/invocation.ts";
import type { CheckpointsRecord } from "#runner/schema/types.gen.ts";

type Saving = Pick<Invocation, "project" | "run" | "step" | "item" | "attempt" | "key">;

export function checkpointed(invocation: Saving, saved: Checkpoints, at: string): Transaction {
  const { project, run, step, item, attempt, key } = invocation;
  const payload = new PayloadDraft(at);
  const cited = [...saved].map(([name, value]) => [name, payload.addValue(value)] as const);
  const unit = { run, step, item, attempt };
  const record: CheckpointsRecord = {
    ...unit,
    key,
    savedAt: at,
    checkpoints: Object.fromEntries(cited),
  };
  return transaction({
    event: { kind: "step-checkpointed", at, project, ...unit, checkpoints: digestsOf(record) },
    files: [[checkpointsPath(run, record), record]],
    payload,
    change: { kind: "checkpoints", record },
  });
}
