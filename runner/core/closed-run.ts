/** What the open run held in files of its own, as the closed run keeps it; by the path it had or would have had. */
import { attemptPath, runPath, waitPath } from "./state-path.ts";
import type { AttemptRecord, ClosedRun, RunRecord, WaitRecord } from "#runner/schema/types.gen.ts";

export type HeldRecord =
  | { readonly kind: "run"; readonly value: RunRecord }
  | { readonly kind: "attempt"; readonly value: AttemptRecord }
  | { readonly kind: "wait"; readonly value: WaitRecord };

export function heldBy({ run, attempts, waits = [] }: ClosedRun): ReadonlyMap<string, HeldRecord> {
  return new Map<string, HeldRecord>([
    [runPath(run.id), { kind: "run", value: run }],
    ...attempts.map((value): [string, HeldRecord] => {
      return [attemptPath(run.id, value, value.attempt), { kind: "attempt", value }];
    }),
    ...waits.map((value): [string, HeldRecord] => {
      return [waitPath(run.id, value.step), { kind: "wait", value }];
    }),
  ]);
}
