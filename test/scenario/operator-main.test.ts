/** Main as an operator's verb moves it: at the origin first, and here where this clone is in step. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { mailCompany } from "../support/company.ts";
import { addOrigin, cloneOf, makeRepository, type TestRepository } from "../support/git-repo.ts";
import { approve, mailShop, sent } from "../support/mail-shop.ts";
import { ADA, type Rehearsal } from "../support/rehearsal.ts";

interface Stage {
  readonly shop: Rehearsal;
  readonly origin: TestRepository;
}

/** Waits for an approval. */
async function proposed(): Promise<Stage> {
  const operator = makeRepository();
  operator.commit(mailCompany(), "Start the company");
  const origin = addOrigin(operator);
  return { origin, shop: await mailShop({ operator, files: {} }) };
}

/** Until it is called. */
function cutOff({ shop: { operator } }: Stage): () => void {
  operator.git("config", "remote.origin.pushurl", "/nonexistent");
  return () => void operator.git("config", "--unset", "remote.origin.pushurl");
}

function refusing({ origin }: Stage): () => void {
  const hook = join(origin.path, "hooks", "pre-receive");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  return () => rmSync(hook);
}

test.each([
  ["is away", cutOff],
  ["cannot take it", refusing],
] as const)(
  "Where the origin %s nothing is done, and the same is said again.",
  async (_, begin) => {
    const stage = await proposed();
    const { shop, origin } = stage;
    const before = shop.operator.git("rev-parse", "main");
    const end = begin(stage);

    const failed = await approve(shop);
    expect(failed).toMatchObject({ ok: false, exit: "temporary" });
    expect(shop.operator.git("rev-parse", "main")).toBe(before);
    expect(shop.operator.git("status", "--porcelain")).toBe("");
    end();
    expect(await approve(shop)).toMatchObject({ ok: true });
    await shop.tick();

    expect(sent(shop)).toHaveLength(2);
    expect(origin.git("log", "-1", "--format=%ce", "--merges", "main")).toBe(ADA);
  },
);

test("A move of main whose answer is lost has happened where the origin has it.", async () => {
  const stage = await proposed();
  const { shop, origin } = stage;
  // The origin moves its refs and dies before it answers.
  const hook = join(origin.path, "hooks", "post-receive");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\nkill -9 $PPID\n", { mode: 0o755 });

  const approved = await approve(shop);

  expect(approved).toMatchObject({ ok: true });
  expect(shop.operator.git("rev-parse", "main")).toBe(origin.git("rev-parse", "main"));
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

/** Somebody else commits and pushes. */
function goOn({ origin }: Stage): void {
  const other = cloneOf(origin);
  other.commit({ "other.txt": "theirs\n" });
  other.git("push", "--quiet", "origin", "main");
}

test("Where the origin has gone on in this moment nothing is done here; a clone that is behind approves there.", async () => {
  const stage = await proposed();
  const { shop, origin } = stage;
  const before = shop.operator.git("rev-parse", "main");
  goOn(stage);

  const raced = await approve(shop);
  await shop.tick();
  const there = await approve(shop);

  expect(raced).toMatchObject({ ok: false, exit: "lost" });
  expect(there).toMatchObject({ ok: true });
  expect(shop.operator.git("rev-parse", "main")).toBe(before);
  await shop.tick();
  expect(sent(shop)).toHaveLength(2);
  shop.operator.git("pull", "--quiet", "--ff-only", "origin", "main");
  expect(shop.operator.git("rev-parse", "main")).toBe(origin.git("rev-parse", "main"));
});

test("Commits of this clone that are not pushed stay the operator's: they are pushed first.", async () => {
  const { shop, origin } = await proposed();
  const before = origin.git("rev-parse", "main");
  shop.operator.commit({ "unpushed.txt": "mine\n" });

  const ahead = await approve(shop);

  expect(ahead).toMatchObject({ ok: false, hint: expect.stringContaining("git push origin main") });
  expect(origin.git("rev-parse", "main")).toBe(before);
});
