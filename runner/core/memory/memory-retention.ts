/** Which records are old enough to go, by the retention of fettle.yaml and what provenance says of their use. */
import { DAY_MS, durationMs } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { RecordKind, StoredMemory } from "./memory-file.ts";
import type { MemoryStanding } from "./memory-standing.ts";
import type { MemoryUse } from "./memory-use.ts";
import type { Retention } from "#runner/schema/types.gen.ts";

type Periods = NonNullable<Retention["memory"]>;

/** What fettle.yaml does not say. */
const USUAL: Required<Periods> = {
  fact: "keep",
  decision: "keep",
  template: "keep",
  heuristic: "180d",
  episode: "90d",
};

export interface Pruned<Memory> {
  readonly memory: Memory;
  /** Why it goes, in a few words. */
  readonly rule: string;
}

interface Standing extends StoredMemory {
  readonly standing: MemoryStanding;
}

export interface PruneFacts {
  readonly retention: Retention | undefined;
  readonly uses: ReadonlyMap<string, readonly MemoryUse[]>;
  /** Instant. */
  readonly now: string;
}

/** Never one that is pinned, that nobody knows the age of, or that keeps an older record out of force. */
export function recordsToPrune<Memory extends Standing>(
  records: readonly Memory[],
  facts: PruneFacts,
): readonly Pruned<Memory>[] {
  let going = records.flatMap((memory) => {
    const rule = ruleFor(memory, facts);
    return rule === null ? [] : [{ memory, rule }];
  });
  // A record that goes must not bring back what it replaced.
  for (;;) {
    const gone = new Set(going.map(({ memory }) => memory.id));
    const staying = new Set(records.map(({ id }) => id).filter((id) => !gone.has(id)));
    const left = going.filter(({ memory }) => !holdsBack(memory, staying));
    if (left.length === going.length) return left;
    going = left;
  }
}

function holdsBack({ record }: Standing, staying: ReadonlySet<string>): boolean {
  const replaced = [...(record.supersedes ?? []), ...(record.retracts ?? [])];
  return replaced.some((id) => staying.has(id));
}

function ruleFor({ id, record, standing }: Standing, facts: PruneFacts): string | null {
  if (record.pinned === true || record.recordedAt === undefined) return null;
  if (standing.kind === "expired") return `its ttl of ${record.ttl ?? ""} is over`;
  const period = periodOf(record.kind, facts.retention);
  if (period === "keep") return null;
  const since = lastConfirmed(facts.uses.get(id) ?? []) ?? record.recordedAt;
  if (addMs(since, durationMs(period)) > facts.now) return null;
  return `no run has confirmed the ${record.kind} for ${period}`;
}

function periodOf(kind: RecordKind, retention: Retention | undefined): string {
  return retention?.memory?.[kind] ?? USUAL[kind];
}

/** When a run that succeeded last said that it used the record, or told it back without news. */
function lastConfirmed(uses: readonly MemoryUse[]): string | undefined {
  return uses.findLast(({ cited, confirmed, succeeded }) => succeeded && (cited || confirmed))?.at;
}

const LARGE_SHARE = 0.25;

/** Why so much is not pruned without a word of its own; null when it may be. */
export function whyLarge(going: readonly Pruned<StoredMemory>[], total: number): string | null {
  const decisions = going.filter(({ memory }) => memory.record.kind === "decision").length;
  if (decisions > 0)
    return `${decisions} of them ${decisions === 1 ? "is a decision" : "are decisions"}`;
  return going.length > total * LARGE_SHARE
    ? `${going.length} of ${total} records are more than a quarter`
    : null;
}

const OLD_DAYS = 180;

/** Records in force that nobody has confirmed for half a year: somebody may look whether they still hold. */
export function agingRecords<Memory extends Standing>(
  records: readonly Memory[],
  { uses, now }: Pick<PruneFacts, "uses" | "now">,
): readonly Memory[] {
  return records.filter(({ id, record, standing }) => {
    if (standing.kind !== "active" || record.pinned === true) return false;
    const since = lastConfirmed(uses.get(id) ?? []) ?? record.recordedAt;
    return since !== undefined && addMs(since, OLD_DAYS * DAY_MS) <= now;
  });
}
