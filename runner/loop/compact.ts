/** Compaction: old records of the tip become lines of few files, in one commit that changes nothing else. */
import type { Hold, Plan } from "#runner/core/action.ts";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { dayOf, type Compaction } from "#runner/core/compaction.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { joinedEventsPath, ledgerPath } from "#runner/core/state-path.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { TreeEntry } from "#runner/repo/git-object.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { FoldedRun, LedgerDay, ReceiptRecord } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import { handledKey, joinLines, linesOf, readLines, receiptKey } from "./joined-lines.ts";
import { readRecord, stateAt, type StateFiles } from "./state-files.ts";

/** Path to the text after compaction; null: removed. */
export type Compacted = ReadonlyMap<string, string | null>;

/** What the state at `commit` becomes; undefined where this clone does not hold all of it. */
export async function compacted(
  reader: ObjectReader,
  { commit, compaction }: { readonly commit: string; readonly compaction: Compaction },
): Promise<Compacted | undefined> {
  const folding = new Folding(stateAt(reader, commit), commit);
  for (const day of compaction.runs) await folding.foldRuns(day);
  for (const day of compaction.days) await folding.leaveEvents(day);
  for (const [, hours] of Map.groupBy(compaction.hours, dayOf)) await folding.joinHours(hours);
  if (compaction.receiptsBefore !== null) await folding.joinReceipts(compaction.receiptsBefore);
  const { handledBefore } = compaction;
  if (handledBefore !== undefined) await folding.joinHandled(handledBefore);
  return folding.result();
}

/** `not-here`: some of what would be folded is not in this clone. */
export type Compacting =
  | { readonly kind: "made"; readonly made: Transaction }
  | { readonly kind: "unpublished" }
  | { readonly kind: "not-here" };

/** The transaction that folds what stands on the tip. */
export async function compact(
  { store, clock }: Pick<Engine, "store" | "clock">,
  compaction: Compaction,
): Promise<Compacting> {
  const { tip: base, reader } = store;
  if (base === null || base !== store.publishedTip) return { kind: "unpublished" };
  const texts = await compacted(reader, { commit: base, compaction });
  if (texts === undefined) return { kind: "not-here" };
  const event = { kind: "state-compacted", at: clock(), project: "", base, ...compaction } as const;
  return { kind: "made", made: transaction({ event, texts, change: { kind: "compacted" } }) };
}

/** Why nothing is folded, and what to do. */
export const NOT_HERE = {
  why: "some of what would be folded is not in this clone",
  unblock: "git fetch --unshallow, or compact in a full clone",
};

/** The plan without the compaction that cannot be made here: until something else changes it stays so. */
export function withoutCompaction(plan: Plan): Plan {
  const facts = { reason: "payload-missing", ...NOT_HERE, until: null } as const;
  const hold: Hold = { project: null, subject: "compaction", ...facts };
  const actions = plan.actions.filter(({ kind }) => kind !== "state-compact");
  return { ...plan, actions, holds: [...plan.holds, hold] };
}

/** Records that are kept one by one, by folder of those that begin or end alike, until they are old. */
interface Joined {
  readonly folder: string;
  readonly keyOf: (line: string) => string;
  readonly isOver: (text: string) => boolean;
}

class Folding {
  readonly #files: StateFiles;
  readonly #commit: string;
  readonly #changed = new Map<string, string | null>();
  #isComplete = true;

  constructor(files: StateFiles, commit: string) {
    this.#files = files;
    this.#commit = commit;
  }

  result(): Compacted | undefined {
    return this.#isComplete ? this.#changed : undefined;
  }

  async foldRuns(day: string): Promise<void> {
    const folder = `runs/${day}`;
    const entries = await this.#files.list(folder);
    const runs = await Promise.all(entries.map((entry) => this.#foldedRun(folder, entry)));
    this.#remove(folder, entries);
    const found = runs.filter((run) => run !== undefined);
    await this.#addToLedger({ day, commit: this.#commit, events: null, runs: found });
  }

  async leaveEvents(day: string): Promise<void> {
    const folder = `events/${day}`;
    const tree = await this.#files.reader.treeAtPath(this.#commit, folder);
    const entries = await this.#files.list(folder);
    for (const { name, kind } of entries) {
      if (kind !== "folder") this.#changed.set(`${folder}/${name}`, null);
      else this.#remove(`${folder}/${name}`, await this.#files.list(`${folder}/${name}`));
    }
    await this.#addToLedger({ day, commit: this.#commit, events: tree ?? null, runs: [] });
  }

  /** `hours` of one day; they are named by the first of them. */
  async joinHours(hours: readonly string[]): Promise<void> {
    const [first] = hours;
    if (first === undefined) return;
    const path = joinedEventsPath(first);
    const texts: string[] = [(await this.#files.readText(path)) ?? ""];
    for (const hour of hours) {
      const folder = `events/${hour}`;
      const entries = await this.#files.list(folder);
      const read = await Promise.all(entries.map(({ oid }) => this.#read(oid)));
      texts.push(...read.map((text) => text ?? ""));
      this.#remove(folder, entries);
    }
    // Which runner came to fold when says nothing: the order is that of the texts.
    this.#changed.set(path, linesOf(readLines(texts.join("")).toSorted()));
  }

  /** Receipts of which none is open and none is newer than `before`. */
  async joinReceipts(before: string): Promise<void> {
    await this.#joinBuckets({
      folder: "once",
      keyOf: receiptKey,
      isOver: (text) => haveAllHappened(text, before),
    });
  }

  /** Items whose runs had ended before. */
  async joinHandled(before: string): Promise<void> {
    await this.#joinBuckets({
      folder: "handled",
      keyOf: handledKey,
      isOver: (text) => isHandled(text, before),
    });
  }

  async #joinBuckets(kind: Joined): Promise<void> {
    const buckets = (await this.#files.list(kind.folder)).filter((one) => one.kind === "folder");
    for (const bucket of buckets) await this.#joinBucket(bucket, kind);
  }

  async #joinBucket(
    { name: bucket, oid }: TreeEntry,
    { folder, keyOf, isOver }: Joined,
  ): Promise<void> {
    const entries = (await this.#files.reader.readTree(oid)) ?? [];
    const path = `${folder}/${bucket}.jsonl`;
    const read = await Promise.all(entries.map((entry) => this.#read(entry.oid)));
    const old = read.flatMap((text, index) => {
      const entry = entries[index];
      return entry !== undefined && text !== undefined && isOver(text) ? [{ entry, text }] : [];
    });
    if (old.length === 0) return;
    const before = (await this.#files.readText(path)) ?? "";
    const texts = old.map(({ text }) => text);
    this.#changed.set(path, joinLines(before, texts, keyOf));
    this.#remove(
      `${folder}/${bucket}`,
      old.map(({ entry }) => entry),
    );
  }

  async #foldedRun(folder: string, { name, oid }: TreeEntry): Promise<FoldedRun | undefined> {
    const record = await readRecord(this.#files, `${folder}/${name}`, records.closedRun);
    if (record === undefined) {
      this.#isComplete = false;
      return undefined;
    }
    const { id, project, pipeline, startedAt } = record.run;
    return { id, project, pipeline, startedAt, result: record.result, blob: oid };
  }

  async #read(oid: string): Promise<string | undefined> {
    const content = await this.#files.reader.readBlob(oid);
    if (content === undefined) this.#isComplete = false;
    return content?.toString("utf8");
  }

  #remove(folder: string, entries: readonly TreeEntry[]): void {
    for (const { name } of entries) this.#changed.set(`${folder}/${name}`, null);
  }

  async #addToLedger(line: LedgerDay): Promise<void> {
    const path = ledgerPath(line.day);
    const before = this.#changed.get(path) ?? (await this.#files.readText(path)) ?? "";
    this.#changed.set(path, `${before}${canonicalJson(line)}\n`);
  }
}

/** Whether a record of an effect may leave its own file. */
export function haveAllHappened(text: string, before: string): boolean {
  const record: unknown = JSON.parse(text);
  if (!records.receipt(record)) return false;
  const { receipts }: ReceiptRecord = record;
  return (
    receipts.length > 0 && receipts.every(({ state, at }) => state === "happened" && at < before)
  );
}

/** An item that is tried once more has no end meanwhile. */
export function isHandled(text: string, before: string): boolean {
  const record: unknown = JSON.parse(text);
  return records.handled(record) && record.end !== null && record.end.at < before;
}
