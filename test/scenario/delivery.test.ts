import { existsSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readEvents } from "#runner/loop/events.ts";
import { look } from "#runner/loop/look.ts";
import { noteCompany } from "../support/company.ts";
import { addOrigin } from "../support/git-repo.ts";
import { made, Rehearsal } from "../support/rehearsal.ts";

const NOTE = "projects/shop/note.md";

/** A company whose scribe writes `content` to the note, once asked for. */
async function asked(content = "delivered\n"): Promise<Rehearsal> {
  const shop = new Rehearsal({
    files: noteCompany(),
    plays: { scribe: () => made(NOTE, content) },
  });
  await shop.request("shop/note");
  return shop;
}

function onDisk({ operator }: Rehearsal, path = NOTE): string {
  return readFileSync(join(operator.path, path), "utf8");
}

test("A clean checkout of main gets the delivered files, and the operator's next commit keeps them.", async () => {
  const shop = await asked();

  await shop.tick();

  expect(onDisk(shop)).toBe("delivered\n");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
  shop.operator.commit({ "other.txt": "mine\n" });
  expect(shop.text(NOTE)).toBe("delivered");
});

test("An edit in the way holds the delivery and loses nothing; after a commit it goes on.", async () => {
  const shop = await asked();
  shop.operator.commit({ [NOTE]: "before\n" });
  shop.operator.write({ [NOTE]: "unsaved thoughts\n" });

  const tick = await shop.tick();

  expect(tick.holds).toMatchObject([{ reason: "worktree-conflict" }]);
  expect(tick.holds[0]?.why).toContain(NOTE);
  expect(onDisk(shop)).toBe("unsaved thoughts\n");
  shop.operator.git("checkout", "--", NOTE);
  expect((await shop.tick()).holds).toEqual([]);
  expect(onDisk(shop)).toBe("delivered\n");
});

test("An untracked file in the way holds the delivery and stays as it is.", async () => {
  const shop = await asked();
  shop.operator.write({ [NOTE]: "mine\n" });

  const tick = await shop.tick();

  expect(tick.holds).toMatchObject([{ reason: "worktree-conflict" }]);
  expect(onDisk(shop)).toBe("mine\n");
  rmSync(join(shop.operator.path, NOTE));
  await shop.tick();
  expect(onDisk(shop)).toBe("delivered\n");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("An unsaved edit of another file is no obstacle and stays.", async () => {
  const shop = await asked();
  shop.operator.write({ "README.md": "half a sentence\n", "scratch.txt": "untracked\n" });

  await shop.tick();

  expect(shop.text(NOTE)).toBe("delivered");
  expect(shop.operator.git("status", "--porcelain")).toBe(" M README.md\n?? scratch.txt");
});

test("A commit of the operator while a step runs is kept: the delivery stands on it.", async () => {
  const shop = await asked();
  shop.plays["scribe"] = () => {
    shop.operator.commit({ "meanwhile.txt": "mine\n" });
    return made(NOTE, "delivered\n");
  };

  await shop.tick();
  await shop.tick();

  expect(shop.text("meanwhile.txt")).toBe("mine");
  expect(shop.text(NOTE)).toBe("delivered");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
  expect(shop.calls).toHaveLength(1);
});

test("Where the operator has edited the same file meanwhile, main wins and the result is set aside.", async () => {
  const shop = await asked();
  shop.plays["scribe"] = () => {
    shop.operator.commit({ [NOTE]: "by hand\n" });
    return made(NOTE, "delivered\n");
  };

  await shop.tick();
  await shop.tick();

  expect(onDisk(shop)).toBe("by hand\n");
  const { events, observed } = await shop.read(async (engine) => ({
    events: await readEvents(engine.store, ""),
    ...(await look(engine)),
  }));
  expect(events.at(-1)).toMatchObject({ kind: "files-delivered", owned: {}, setAside: [NOTE] });
  expect(observed.summaries.projects.get("shop")?.pending).toEqual([]);
});

test("With another branch checked out main moves and the files on disk stay.", async () => {
  const shop = await asked();
  shop.operator.git("switch", "--quiet", "--create", "idea");

  await shop.tick();

  expect(shop.text(NOTE)).toBe("delivered");
  expect(existsSync(join(shop.operator.path, NOTE))).toBe(false);
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("With a detached HEAD main moves and the files on disk stay.", async () => {
  const shop = await asked();
  shop.operator.git("switch", "--quiet", "--detach");

  await shop.tick();

  expect(shop.text(NOTE)).toBe("delivered");
  expect(existsSync(join(shop.operator.path, NOTE))).toBe(false);
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("A staged file of the operator is still staged after a delivery.", async () => {
  const shop = await asked();
  writeFileSync(join(shop.operator.path, "next.txt"), "next\n");
  shop.operator.git("add", "next.txt");

  await shop.tick();

  expect(shop.operator.git("status", "--porcelain")).toBe("A  next.txt");
  expect(shop.text(NOTE)).toBe("delivered");
});

test("While another git command holds the index the delivery waits.", async () => {
  const shop = await asked();
  const lock = join(shop.operator.path, ".git/index.lock");
  writeFileSync(lock, "");

  const tick = await shop.tick();

  expect(tick.holds[0]?.why).toContain("another git command");
  expect(shop.text(NOTE)).toBeUndefined();
  rmSync(lock);
  await shop.tick();
  expect(onDisk(shop)).toBe("delivered\n");
});

test.each([
  ["a folder where the result is a file", `${NOTE}/mine.md`, NOTE],
  ["a file where the result needs a folder", "projects/shop/sub", "projects/shop/sub/note.md"],
])("What the operator has as %s is not replaced.", async (_, theirs, ours) => {
  const shop = await asked();
  shop.operator.commit({ [theirs]: "mine\n" });
  shop.plays["scribe"] = () => made(ours, "delivered\n");

  await shop.tick();

  expect(shop.text(theirs)).toBe("mine");
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});

test("An edit at the moment of a delivery is kept, and the hold says what to do before the next commit.", async () => {
  const shop = await asked();
  shop.operator.commit({ [NOTE]: "before\n" });
  const origin = addOrigin(shop.operator);
  const edit = `grep -q refs/heads/main && echo mine > ${join(shop.operator.path, NOTE)}\n`;
  writeFileSync(join(origin.path, "hooks/post-receive"), `#!/bin/sh\n${edit}`, { mode: 0o755 });

  const tick = await shop.tick();

  expect(tick.holds).toMatchObject([{ reason: "worktree-behind" }]);
  expect(tick.holds[0]?.unblock).toContain(`git checkout main -- ${NOTE}`);
  expect(onDisk(shop)).toBe("mine\n");
  expect(shop.text(NOTE)).toBe("delivered");
  shop.operator.git("checkout", "main", "--", NOTE);
  expect((await shop.tick()).holds).toEqual([]);
  expect(shop.operator.git("status", "--porcelain")).toBe("");
});
