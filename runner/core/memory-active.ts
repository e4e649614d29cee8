/** Which memory records are in force at an instant. */
import { addMs } from "./instant.ts";
import { durationMs } from "./duration.ts";
import type { StoredMemory } from "./memory-file.ts";

type Dated = Pick<StoredMemory, "id" | "record">;

/** The records that hold at `asOf`: not retracted, superseded, expired, over, or yet to come. */
export function activeMemory<Memory extends Dated>(
  records: readonly Memory[],
  asOf: string,
): Memory[] {
  const retracted = new Set(records.flatMap(({ record }) => record.retracts ?? []));
  const superseding = records.filter(
    ({ id, record }) => !retracted.has(id) && hasBegun(record.validFrom, asOf),
  );
  const superseded = new Set(superseding.flatMap(({ record }) => record.supersedes ?? []));
  return records.filter(
    ({ id, record }) =>
      !retracted.has(id) &&
      !superseded.has(id) &&
      hasBegun(record.validFrom, asOf) &&
      !(record.validTo !== undefined && hasBegun(record.validTo, asOf)) &&
      !isExpired(record, asOf),
  );
}

function hasBegun(date: string | undefined, asOf: string): boolean {
  return date === undefined || date <= asOf.slice(0, 10);
}

function isExpired({ ttl, recordedAt, pinned }: StoredMemory["record"], asOf: string): boolean {
  if (ttl === undefined || recordedAt === undefined || pinned === true) return false;
  return addMs(recordedAt, durationMs(ttl)) <= asOf;
}
