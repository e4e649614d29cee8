/** What the open run held in files of its own, as the closed run keeps it; by the path it had or would have had. */
import { attemptPath, waitPath } from "./state-path.ts";
import type { AttemptRecord, ClosedRun, WaitRecord } from "#runner/schema/types.gen.ts";

export type HeldRecord =
  | { readonly kind: "attempt"; readonly value: AttemptRecord }
  | { readonly kind: "wait"; readonly value: WaitRecord };

export function heldBy({ run, attempts, waits = [] }: ClosedRun): ReadonlyMap<string, HeldRecord> {
  return new Map<string, HeldRecord>([
    ...attempts.map((value): [string, HeldRecord] => {
      return [attemptPath(run.id, value, value.attempt), { kind: "attempt", value }];
    }),
    ...waits.map((value): [string, HeldRecord] => {
      return [waitPath(run.id, value.step), { kind: "wait", value }];
    }),
  ]);
}
