/** What an attempt saves for the next one of the same unit. */
import type { CheckpointsRecord } from "#runner/schema/types.gen.ts";
import type { OpenRun } from "./model.ts";

/** Values by name. */
export type Checkpoints = ReadonlyMap<string, unknown>;

type Unit = Pick<CheckpointsRecord, "step" | "item">;

export function isOfUnit(record: Unit, { step, item }: Unit): boolean {
  return record.step === step && record.item === item;
}

/** What the next attempt of the unit begins with: nothing when it is given something else than the one that saved it. */
export function checkpointsFor(run: OpenRun, unit: Unit, key: string): Checkpoints {
  const record = run.checkpoints.find((saved) => isOfUnit(saved, unit) && saved.key === key);
  return new Map(
    Object.entries(record?.checkpoints ?? {}).flatMap(([name, { digest }]) =>
      run.values.has(digest) ? [[name, run.values.get(digest)] as const] : [],
    ),
  );
}

export function digestsOf({
  checkpoints,
}: Pick<CheckpointsRecord, "checkpoints">): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(checkpoints).map(([name, { digest }]) => [name, digest]),
  );
}
