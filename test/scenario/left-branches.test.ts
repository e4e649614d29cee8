import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { seenRef, STATE } from "#runner/core/ref-names.ts";
import { mailCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeFolder, makeRepository } from "../support/git-repo.ts";
import { mailShop, PLAYS } from "../support/mail-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

/** A clone with an open gate, and a second clone that knows of it. */
async function twoClones(): Promise<{ first: Rehearsal; second: Rehearsal; branch: string }> {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  const origin = addOrigin(operator);
  const first = await mailShop({ operator, files: {} });
  const second = new Rehearsal({ files: {}, operator: cloneOf(origin), plays: PLAYS });
  await second.tick();
  return { first, second, branch: (await first.gate()).branch };
}

let clones: Awaited<ReturnType<typeof twoClones>>;
beforeEach(async () => {
  clones = await twoClones();
});

function branches({ operator }: Rehearsal): string {
  return operator.git("for-each-ref", "--format=%(refname:short)", "refs/heads/fettle/gate");
}

function shownBranches({ operator }: Rehearsal): string {
  const lines = operator.git("ls-remote", "origin", "refs/heads/fettle/gate/*").split("\n");
  return lines.map((line) => line.replace(/^.*refs\/heads\//, "")).join("\n");
}

async function rejectElsewhere(): Promise<void> {
  const { second } = clones;
  await second.reject((await second.gate()).id, "not now");
  await second.tick();
}

test("A branch that the origin has let go with its gate goes here in the next tick.", async () => {
  const { first, branch } = clones;
  expect(branches(first)).toBe(branch);
  await rejectElsewhere();

  await first.tick();

  expect(branches(first)).toBe("");
});

test("A runner that died between the push that closed a gate and its own refs leaves no branch behind.", async () => {
  const { first, branch } = clones;
  const head = first.operator.git("rev-parse", branch);
  await first.reject((await first.gate()).id, "not now");
  await first.tick();
  expect(branches(first)).toBe("");
  first.operator.git("branch", branch, head);

  const after = await first.tick();
  const again = await first.tick();

  expect(branches(first)).toBe("");
  expect([after.booked, again.booked]).toEqual([0, 0]);
});

test("A branch with an operator's commits goes once they are on main.", async () => {
  const { first, second, branch } = clones;
  const { operator } = first;
  operator.git("checkout", "--quiet", branch);
  operator.commit({ "projects/shop/remark.txt": "mine\n" });
  operator.git("checkout", "--quiet", "main");
  await rejectElsewhere();
  await first.tick();
  expect(branches(first)).toBe(branch);

  operator.git("merge", "--quiet", "--no-edit", branch);
  operator.git("push", "--quiet", "origin", "main");
  await first.tick();

  expect(branches(first)).toBe("");
  expect((await second.tick()).end.kind).toBe("settled");
});

test("A commit that only names the gate is a person's all the same, and a gate that another branch is called after is not its own.", async () => {
  const { first, branch } = clones;
  const { operator } = first;
  const head = operator.git("rev-parse", branch);
  const message = operator.git("show", "--no-patch", "--format=%B", branch);
  operator.git("checkout", "--quiet", branch);
  operator.git("commit", "--quiet", "--allow-empty", "-m", message);
  operator.git("checkout", "--quiet", "main");
  operator.git("branch", `${branch}-mine`, head);
  await rejectElsewhere();

  await first.tick();

  expect(branches(first)).toBe(`${branch}\n${branch}-mine`);
});

test("A branch that somebody has checked out stays in their hands.", async () => {
  const { first, branch } = clones;
  first.operator.git("worktree", "add", "--quiet", makeFolder(), branch);
  await rejectElsewhere();

  await first.tick();

  expect(branches(first)).toBe(branch);
});

test("The branch of a gate that is open stays, though somebody has deleted it at the origin.", async () => {
  const { first, second, branch } = clones;
  second.operator.git("push", "--quiet", "origin", `:${branch}`);

  await first.tick();

  expect(branches(first)).toBe(branch);
});

test("A branch that somebody has brought back to the origin is for them to delete.", async () => {
  const { first, second, branch } = clones;
  const head = first.operator.git("rev-parse", branch);
  await rejectElsewhere();
  await first.tick();
  second.operator.git("push", "--quiet", "origin", `${head}:refs/heads/${branch}`);

  await first.tick();
  await second.tick();

  expect(shownBranches(first)).toBe(branch);
});

test("A branch that the origin kept, though it took the state that settles its gate, goes in the next tick of anyone.", async () => {
  const { first, second, branch } = clones;
  const head = first.operator.git("rev-parse", branch);
  await rejectElsewhere();
  second.operator.git("push", "--quiet", "origin", `${head}:refs/heads/${branch}`);

  const after = await first.tick();

  expect([branches(first), shownBranches(first)]).toEqual(["", ""]);
  expect(after.booked).toBe(0);
});

test("A branch that the origin kept stays where it holds an operator's commits.", async () => {
  const { first, second, branch } = clones;
  const { operator } = first;
  operator.git("checkout", "--quiet", branch);
  operator.commit({ "projects/shop/remark.txt": "mine\n" });
  operator.git("checkout", "--quiet", "main");
  await rejectElsewhere();
  operator.git("push", "--quiet", "origin", branch);

  await first.tick();
  await second.tick();

  expect(shownBranches(first)).toBe(branch);
});

test("The branch of a gate that is open stays at the origin, whoever else has settled one.", async () => {
  const { first, second, branch } = clones;
  second.operator.commit({ "projects/shop/remark.txt": "mine\n" });
  second.operator.git("push", "--quiet", "origin", "main");
  await second.tick();

  await first.tick();

  expect(shownBranches(first)).toBe(branch);
});

/** A clone without an origin as git leaves it when it is killed between the move of the state and the end of a branch. */
async function tornAlone(): Promise<{ shop: Rehearsal; branch: string; bringBack: () => void }> {
  const shop = await mailShop({ files: mailCompany() });
  const { id, branch } = await shop.gate();
  const { operator } = shop;
  const [head = "", seen = ""] = [branch, seenRef(STATE)].map((name) =>
    operator.git("rev-parse", name),
  );
  const bringBack = (): void => void operator.git("branch", branch, head);
  await shop.reject(id, "not now");
  await shop.tick();
  bringBack();
  operator.git("update-ref", seenRef(STATE), seen);
  return { shop, branch, bringBack };
}

test("A tick that was killed while its branches moved, in a clone without an origin, leaves none behind.", async () => {
  const { shop, branch, bringBack } = await tornAlone();

  const after = await shop.tick();

  expect(branches(shop)).toBe("");
  expect(after.booked).toBe(0);

  bringBack();
  await shop.tick();

  expect(branches(shop)).toBe(branch);
});

test("A branch that a killed tick left and somebody has checked out stays in their hands.", async () => {
  const { shop, branch } = await tornAlone();
  shop.operator.git("checkout", "--quiet", branch);

  await shop.tick();

  expect(branches(shop)).toBe(branch);
});

test("A branch that a killed tick left, and that somebody holds locked, goes with the next tick that has something to do.", async () => {
  const { shop, branch } = await tornAlone();
  const lock = join(shop.operator.path, ".git", "refs", "heads", `${branch}.lock`);
  mkdirSync(lock);
  await shop.tick();
  expect(branches(shop)).toBe(branch);
  rmdirSync(lock);
  shop.operator.commit({ "projects/shop/remark.txt": "mine\n" });

  await shop.tick();

  expect(branches(shop)).toBe("");
});
