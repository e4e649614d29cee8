/** The mail shop with a past that is old enough to be compacted. */
import { compactAll, type CompactedAll } from "#runner/loop/compact-all.ts";
import { mailShop, mergeGate } from "./mail-shop.ts";
import type { Rehearsal } from "./rehearsal.ts";

export const STATE = "fettle/state";

/** `fettle compact`. */
export function compact(shop: Rehearsal): Promise<CompactedAll> {
  return shop.write((engine) => compactAll(engine, new AbortController().signal));
}

/** Paths on the tip of the state. */
export function filesOf(shop: Rehearsal, ...paths: readonly string[]): readonly string[] {
  const listed = shop.operator.git("ls-tree", "-r", "--name-only", STATE, "--", ...paths);
  return listed.split("\n").filter((path) => path !== "");
}

/** Asks for the mails once more and approves them. */
export async function sendAgain(shop: Rehearsal): Promise<void> {
  await shop.request("shop/mail");
  await shop.tick();
  await mergeGate(shop);
  await shop.tick();
}

/** Two rounds of mails, long ago. */
export async function oldShop(): Promise<Rehearsal> {
  const shop = await mailShop();
  await mergeGate(shop);
  await shop.tick();
  shop.pass("8d");
  await sendAgain(shop);
  shop.pass("40d");
  return shop;
}
