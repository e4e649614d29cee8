/** Receipts of external effects: in a file of their own, or among the old ones that were joined. */
import { joinedReceiptsPath, receiptPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { ReceiptRecord } from "#runner/schema/types.gen.ts";
import { readLines, receiptKey } from "./joined-lines.ts";
import { readRecord, type StateFiles } from "./state-files.ts";

const BUCKET = "sha256:".length;

/** By base; null where the effect was never intended. One read for each effect, and one for each bucket of old ones. */
export async function readReceipts(
  files: StateFiles,
  bases: readonly string[],
): Promise<ReadonlyMap<string, ReceiptRecord | null>> {
  const own = await Promise.all(
    bases.map(async (base) => {
      return [base, await readRecord(files, receiptPath(base), records.receipt)] as const;
    }),
  );
  const absent = own.filter(([, record]) => record === undefined).map(([base]) => base);
  const buckets = [...new Set(absent.map(bucketOf))];
  const joined = await Promise.all(buckets.map((bucket) => readJoined(files, bucket, absent)));
  const old = new Map(joined.flat());
  return new Map(own.map(([base, record]) => [base, record ?? old.get(base) ?? null]));
}

async function readJoined(
  files: StateFiles,
  bucket: string,
  wanted: readonly string[],
): Promise<readonly (readonly [string, ReceiptRecord])[]> {
  const path = joinedReceiptsPath(bucket);
  const lines = readLines((await files.readText(path)) ?? "");
  if (lines.length === 0) return [];
  const asked = new Set(wanted);
  return lines.flatMap((line) => {
    const base = receiptKey(line);
    return asked.has(base) ? [[base, receiptOf(path, line)] as const] : [];
  });
}

function receiptOf(path: string, line: string): ReceiptRecord {
  const value: unknown = JSON.parse(line);
  if (records.receipt(value)) return value;
  const [error] = records.receipt.errors ?? [];
  throw new Error(`the state branch holds an invalid record: ${path} ${error?.message ?? ""}`);
}

function bucketOf(base: string): string {
  return base.slice(BUCKET, BUCKET + 2);
}
