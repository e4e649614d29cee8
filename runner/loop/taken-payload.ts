/** Payload branches that the state says were taken from: they may stand elsewhere than they did, or be gone. */
import { PAYLOAD_BRANCHES, STATE } from "#runner/core/ref-names.ts";
import { payloadTombstonesPath } from "#runner/core/state-path.ts";
import { isAncestor } from "#runner/repo/history.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { RefUpdate } from "#runner/repo/ref-transaction.ts";
import type { Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { PayloadTombstones } from "#runner/schema/types.gen.ts";
import { readRecord, stateAt } from "./state-files.ts";

interface Place {
  readonly repository: Repository;
  readonly reader: ObjectReader;
}

/** What the state at `tip` says was taken from the branch; undefined: nothing. */
async function tombstonesOf(
  { reader }: Place,
  tip: string | undefined,
  ref: string,
): Promise<PayloadTombstones | undefined> {
  if (tip === undefined || (await reader.treeAtPath(tip, "tombstones")) === undefined) {
    return undefined;
  }
  const month = ref.slice(PAYLOAD_BRANCHES.length);
  return readRecord(stateAt(reader, tip), payloadTombstonesPath(month), records.payloadTombstones);
}

/** Whether a payload branch that stands at `now` at the origin is not what it was here because content was taken from it. */
export async function isTaken(
  place: Place,
  shown: Refs,
  { ref, now }: { readonly ref: string; readonly now: string | null },
): Promise<boolean> {
  if (!ref.startsWith(PAYLOAD_BRANCHES)) return false;
  const tombstones = await tombstonesOf(place, shown.get(STATE), ref);
  if (tombstones === undefined) return false;
  const { head } = tombstones;
  if (head === null) return true;
  return now !== null && (await isAncestor(place.repository, head, now)) === "yes";
}

/** Branches of this clone that are not what the origin shows, by right. */
export async function takenBranches(
  place: Place,
  here: Refs,
  shown: Refs,
): Promise<ReadonlySet<string>> {
  const taken = new Set<string>();
  for (const [ref, ours] of here) {
    const now = shown.get(ref) ?? null;
    if (!ref.startsWith(PAYLOAD_BRANCHES) || now === ours) continue;
    if (await isTaken(place, shown, { ref, now })) taken.add(ref);
  }
  return taken;
}

/** The rest of a move that a crash has cut off after the state said what is gone. */
export async function unfinishedTakings(place: Place, refs: Refs): Promise<readonly RefUpdate[]> {
  const tip = refs.get(STATE);
  if (tip === undefined || (await place.reader.treeAtPath(tip, "tombstones")) === undefined) {
    return [];
  }
  const branches = [...refs].filter(([ref]) => ref.startsWith(PAYLOAD_BRANCHES));
  const found = await Promise.all(
    branches.map(async ([ref, oid]): Promise<readonly RefUpdate[]> => {
      const tombstones = await tombstonesOf(place, tip, ref);
      if (tombstones === undefined || tombstones.from !== oid) return [];
      const { head } = tombstones;
      const isHere = head === null || (await place.reader.readCommit(head)) !== undefined;
      return isHere ? [{ ref, from: oid, to: head, isTaking: true }] : [];
    }),
  );
  return found.flat();
}
