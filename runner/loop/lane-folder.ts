/** The folder of a plan for lanes: `plan.json`, an invocation a unit, contents by digest, the prices in force. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson, digestOf, digestOfBytes } from "#runner/core/canonical-json.ts";
import { syncFolder, writeSynced } from "#runner/repo/durable-file.ts";
import { prices as isPriceTable } from "#runner/schema/record-validators.gen.js";
import type { PriceTable } from "#runner/schema/types.gen.ts";
import { planId, type LanePlanFile } from "#runner/core/lane/lane-plan.ts";
import type { Packed, PackedInvocation } from "./packed-invocation.ts";

const PLAN = "plan.json";
const PRICES = "prices.json";

export interface LaneFolder {
  readonly file: LanePlanFile;
  /** By unit. */
  readonly packed: ReadonlyMap<string, Packed>;
  /** null: main's own table is not valid, and nothing is priced. */
  readonly prices: PriceTable | null;
}

/** `plan.json` comes last: a folder without it is nothing. */
export function writeLanes(out: string, { file, packed, prices }: LaneFolder): void {
  mkdirSync(join(out, "blobs"), { recursive: true });
  for (const [unit, { invocation, blobs }] of packed) {
    for (const [digest, content] of blobs) writeFileSync(blobPath(out, digest), content);
    // As it is: agents are given the members of their inputs in the order in which they would be here.
    writeFileSync(join(out, `${unit}.json`), JSON.stringify(invocation));
  }
  for (const lane of file.plan.lanes) {
    writeFileSync(join(out, `lane-${lane.lane}.json`), canonicalJson({ plan: file.id, ...lane }));
  }
  if (prices !== null) writeFileSync(join(out, PRICES), canonicalJson(prices));
  const draft = join(out, `.${PLAN}`);
  writeFileSync(draft, canonicalJson(file));
  renameSync(draft, join(out, PLAN));
}

export type PlanRead =
  | { readonly ok: true; readonly file: LanePlanFile }
  | { readonly ok: false; readonly reason: string };

/** Its digest tells whether it is whole; whether it is what was planned, the state tells. */
export function readPlan(folder: string): PlanRead {
  const file: LanePlanFile | undefined = whole(() => JSON.parse(textOf(folder, PLAN)));
  if (file?.plan?.format !== 1) return { ok: false, reason: `${folder} holds no ${PLAN}` };
  return planId(file.plan) === file.id
    ? { ok: true, file }
    : { ok: false, reason: `${join(folder, PLAN)} is not what its id says` };
}

/** The invocation of a unit; undefined when it is not the one that was planned. */
export function readInvocation(
  folder: string,
  { unit, invocation }: { readonly unit: string; readonly invocation: string },
): PackedInvocation | undefined {
  const packed: PackedInvocation | undefined = whole(() =>
    JSON.parse(textOf(folder, `${unit}.json`)),
  );
  return packed !== undefined && digestOf(packed) === invocation ? packed : undefined;
}

export function readPrices(folder: string): PriceTable | undefined {
  const table: unknown = whole(() => JSON.parse(textOf(folder, PRICES)));
  return isPriceTable(table) ? table : undefined;
}

/** A unit of a plan: folders may be used for one plan after the other. */
interface UnitOfPlan {
  readonly plan: string;
  readonly unit: string;
}

/** Whether a lane has told of the unit. */
export function hasResult(out: string, { plan, unit }: UnitOfPlan): boolean {
  const told: { readonly plan?: unknown } | null | undefined = whole(() =>
    JSON.parse(textOf(out, `${unit}.json`)),
  );
  return told?.plan === plan;
}

/** Whether the unit was begun from this folder, or refused, whatever came of it. */
export function isBegun(folder: string, unit: UnitOfPlan): boolean {
  return existsSync(beginningPath(folder, unit));
}

/** Notes, so that a crash of the machine keeps it, that the unit begins now, or cannot; false where it was begun before, or nothing can be noted. */
export async function noteBeginning(folder: string, unit: UnitOfPlan): Promise<boolean> {
  try {
    await writeSynced(beginningPath(folder, unit), "");
    await syncFolder(folder);
    return true;
  } catch {
    return false;
  }
}

function beginningPath(folder: string, { plan, unit }: UnitOfPlan): string {
  return join(folder, `.${unit}.${plan.replace("sha256:", "").slice(0, 12)}.begun`);
}

/** Content by its digest; throws when it is another one. */
export function readBlob(folder: string, digest: string): Uint8Array {
  const content = readFileSync(blobPath(folder, digest));
  if (digestOfBytes(content) !== digest) throw new Error(`${digest} in ${folder} is damaged`);
  return content;
}

function blobPath(folder: string, digest: string): string {
  return join(folder, "blobs", digest.replace("sha256:", ""));
}

function textOf(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** undefined where there is no such file, or half of it. */
function whole<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
