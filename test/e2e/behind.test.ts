/** A delivery that was cut off, and an edit in its way: the operator hears of it before the next commit. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);

/** As if a runner had been killed right after main had moved, and the operator had saved the file meanwhile. */
async function cutOff(company: Desk, path: string): Promise<void> {
  const from = await company.git("rev-parse", "main");
  writeFileSync(join(company.folder, path), "delivered\n");
  await company.git("commit", "--quiet", "--all", "--message", "delivery");
  const to = await company.git("rev-parse", "main");
  await company.git("reset", "--quiet", "--hard", from);
  await company.git("update-ref", "refs/heads/main", to);
  const gitDir = join(company.folder, ".git");
  const checkouts = [{ gitDir, workTree: company.folder }];
  writeFileSync(join(gitDir, "fettle/delivery.json"), JSON.stringify({ from, to, checkouts }));
  writeFileSync(join(company.folder, path), "mine\n");
}

test("Files that could not follow main are told by every verb that writes, with what to do.", async () => {
  const path = "agents/scribe/main.sh";
  const company = await makeCompany(desk, "behind");
  await company.fettle("reconcile");
  await cutOff(company, path);

  const ran = await company.fettle("run", "note");
  const ticked = await company.fettle("reconcile", "--json");

  const command = `git checkout main -- ${path}`;
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr).toContain("a commit there now would undo the delivery");
  expect(ran.stderr).toContain(command);
  expect(JSON.parse(ticked.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
    holds: expect.arrayContaining([expect.objectContaining({ reason: "worktree-behind" })]),
  });
  expect(readFileSync(join(company.folder, path), "utf8")).toBe("mine\n");
  const [git = "", ...args] = command.split(" ");
  expect(git).toBe("git");
  await company.git(...args);
  expect((await company.fettle("reconcile")).stdout).not.toContain("undo the delivery");
  expect(await company.git("status", "--porcelain")).toBe("");
  expect(readFileSync(join(company.folder, path), "utf8")).toBe("delivered\n");
});
