/** Whether a memory record is in force at an instant, and what took it out of force. */
import { addMs } from "#runner/core/time/instant.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import type { StoredMemory } from "./memory-file.ts";

export type Dated = Pick<StoredMemory, "id" | "record">;

export type MemoryStanding =
  | { readonly kind: "active" }
  /** Says of other records that they are wrong, and nothing itself. */
  | { readonly kind: "retraction"; readonly of: readonly string[] }
  | { readonly kind: "retracted"; readonly by: string }
  | { readonly kind: "superseded"; readonly by: string }
  /** Holds from a day on that has not come yet. */
  | { readonly kind: "upcoming"; readonly from: string }
  | { readonly kind: "over"; readonly since: string }
  /** Older than its time to live. */
  | { readonly kind: "expired"; readonly since: string };

/** How each of the records stands, in their order. */
export function standingsOf(records: readonly Dated[], asOf: string): readonly MemoryStanding[] {
  const retracted = new Map(
    records.flatMap(({ id, record }) => (record.retracts ?? []).map((wrong) => [wrong, id])),
  );
  const superseded = new Map(
    records
      .filter(({ id, record }) => !retracted.has(id) && hasBegun(record.validFrom, asOf))
      .flatMap(({ id, record }) => (record.supersedes ?? []).map((old) => [old, id])),
  );
  return records.map((memory) => standingOf(memory, { retracted, superseded, asOf }));
}

interface Around {
  readonly retracted: ReadonlyMap<string, string>;
  readonly superseded: ReadonlyMap<string, string>;
  readonly asOf: string;
}

function standingOf({ id, record }: Dated, around: Around): MemoryStanding {
  const { retracted, superseded, asOf } = around;
  const wrongBy = retracted.get(id);
  if (wrongBy !== undefined) return { kind: "retracted", by: wrongBy };
  const replacedBy = superseded.get(id);
  if (replacedBy !== undefined) return { kind: "superseded", by: replacedBy };
  const { retracts = [], supersedes = [] } = record;
  const isRetraction = retracts.length > 0 && supersedes.length === 0;
  return isRetraction ? { kind: "retraction", of: retracts } : standingByDates(record, asOf);
}

function standingByDates(record: Dated["record"], asOf: string): MemoryStanding {
  const { validFrom, validTo } = record;
  if (validFrom !== undefined && !hasBegun(validFrom, asOf))
    return { kind: "upcoming", from: validFrom };
  if (validTo !== undefined && hasBegun(validTo, asOf)) return { kind: "over", since: validTo };
  const end = expiryOf(record);
  return end !== undefined && end <= asOf ? { kind: "expired", since: end } : { kind: "active" };
}

function hasBegun(date: string | undefined, asOf: string): boolean {
  return date === undefined || date <= asOf.slice(0, 10);
}

/** Instant at which its time to live is over; undefined for what does not expire. */
function expiryOf({ ttl, recordedAt, pinned }: Dated["record"]): string | undefined {
  if (ttl === undefined || recordedAt === undefined || pinned === true) return undefined;
  return addMs(recordedAt, durationMs(ttl));
}
