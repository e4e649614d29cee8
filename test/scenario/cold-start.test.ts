import { expect, test } from "vitest";
import { compact } from "../support/compacted-shop.ts";
import { noteCompany } from "../support/company.ts";
import { addOrigin, cloneOf, type TestRepository } from "../support/git-repo.ts";
import { mailShop, mergeGate, PLAYS, sent } from "../support/mail-shop.ts";
import { made, type Play, Rehearsal } from "../support/rehearsal.ts";

const COLD = ["--depth=1", "--filter=blob:none", "--no-checkout"];
const scribe: Play = ({ projectDir }) => made(`${projectDir}/note.md`, "written\n");

/** A clone that holds the newest commit of main and none of its files. */
function coldClone(origin: TestRepository): TestRepository {
  origin.git("config", "uploadpack.allowFilter", "true");
  return cloneOf(origin, ...COLD);
}

function packsOf(clone: TestRepository): number {
  return Number(/packs: (\d+)/.exec(clone.git("count-objects", "--verbose"))?.[1]);
}

/** Objects that something names and that are not in this clone. */
function missingIn(clone: TestRepository, ref: string): readonly string[] {
  const listed = clone.git("rev-list", "--objects", "--missing=print", ref);
  return listed.split("\n").filter((line) => line.startsWith("?"));
}

test("A clone without files works: it brings what it needs, does what is asked, and publishes it.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.request("shop/note");
  await shop.tick();
  const cold = new Rehearsal({ files: {}, operator: coldClone(origin), plays: { scribe } });
  const packs = packsOf(cold.operator);

  await cold.look();
  await cold.tick();
  // One for the state and its folders; what is read of it and of main comes at few times, not file by file.
  expect(packsOf(cold.operator) - packs).toBeLessThan(8);
  expect(missingIn(cold.operator, "fettle/state").length).toBeGreaterThan(0);

  cold.pass("1h");
  await cold.request("shop/note");
  expect((await cold.tick()).end).toEqual({ kind: "settled" });
  await shop.tick();

  expect(shop.closedRuns()).toHaveLength(2);
  expect((await shop.verify()).findings.filter(({ rule }) => rule !== "delivery")).toEqual([]);
  expect((await cold.verify()).verdict).toBe("incomplete");
});

test("In a clone without files an effect counts what was compacted long ago.", async () => {
  const shop = await mailShop();
  await mergeGate(shop);
  await shop.tick();
  shop.pass("20d");
  await compact(shop);
  const origin = addOrigin(shop.operator);
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.tick();
  const cold = new Rehearsal({ files: {}, operator: coldClone(origin), plays: PLAYS });
  cold.travel("2026-03-05T09:00:00.000Z");

  await cold.request("shop/mail");
  await cold.tick();
  const { branch } = await cold.gate();
  shop.operator.git("fetch", "--quiet", "origin");
  shop.operator.git("merge", "--quiet", "--no-edit", `origin/${branch}`);
  shop.operator.git("push", "--quiet", "origin", "main");
  await cold.tick();

  // Within seven days nobody is written to again.
  expect(sent(cold)).toEqual([]);
});

test("A shallow clone that holds the files of main fetches of the state only those that it reads, and git finds it whole.", async () => {
  const shop = new Rehearsal({ files: noteCompany(), plays: { scribe } });
  const origin = addOrigin(shop.operator);
  origin.git("config", "uploadpack.allowFilter", "true");
  shop.operator.git("push", "--quiet", "origin", "main");
  await shop.request("shop/note");
  await shop.tick();
  const clone = cloneOf(origin, "--depth=1");
  const cold = new Rehearsal({ files: {}, operator: clone, plays: { scribe } });

  await cold.tick();
  const missing = missingIn(clone, "fettle/state");
  clone.git("gc", "--quiet", "--prune=now");
  clone.git("fsck");
  cold.pass("1h");
  await cold.request("shop/note");

  expect(missing.length).toBeGreaterThan(0);
  expect((await cold.tick()).end).toEqual({ kind: "settled" });
  await shop.tick();
  expect(shop.closedRuns()).toHaveLength(2);
  expect((await shop.verify()).findings.filter(({ rule }) => rule !== "delivery")).toEqual([]);
});
