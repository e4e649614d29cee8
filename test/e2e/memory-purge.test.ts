/** What was forgotten leaves the history of main, too; what was approved and delivered before is still verified. */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, openGate, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

const bo = (text: string): string => `---\nkind: fact\nsubject: client/bo\n---\n${text}\n`;
const WHY = ["--reason", "asked to", "--yes"] as const;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await desk.git("init", "--quiet", "--bare", "origin.git");
  await company.git("remote", "add", "origin", join(desk.folder, "origin.git"));
  await company.git("push", "--quiet", "origin", "HEAD:main");
  await commit(company, { "memory/org/fact/bo.md": bo("Bo Berg is ill.") });
  await commit(company, { "memory/org/fact/bo.md": bo("Bo Berg is often ill.") });
  await company.git("push", "--quiet", "origin", "main");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  await company.fettle("approve", await openGate(company));
  await company.fettle("reconcile");
});
afterAll(desk.remove);

function naming(at: Desk, ...revisions: readonly string[]): Promise<string> {
  return at.git("log", "--format=%H", "-SBo Berg", ...revisions, "--");
}

test("the history is told, kept in a backup, written anew once nothing stands in the way, and verified", async () => {
  const forget = await company.fettle("memory", "forget", "--subject", "client/bo", ...WHY);
  expect(forget.stdout).toContain("fettle memory purge");
  const old = await company.git("rev-parse", "main");
  const tree = await company.git("rev-parse", "main^{tree}");
  expect((await company.fettle("memory", "purge")).stdout).toContain("2 file contents of what was");
  expect((await company.fettle("memory", "purge", "--check")).code).toBe(1);
  expect(await company.git("rev-parse", "main")).toBe(old);

  await company.git("branch", "mine", "main~1");
  const refused = await company.fettle("memory", "purge", ...WHY);
  expect([refused.code, refused.stderr]).toEqual([5, expect.stringContaining("refs/heads/mine")]);
  await company.git("branch", "--quiet", "-D", "mine");
  expect(await company.git("rev-parse", "main")).toBe(old);

  const origin = desk.at(join(desk.folder, "origin.git"));
  await origin.git("config", "receive.denyNonFastForwards", "true");
  const guarded = await company.fettle("memory", "purge", ...WHY);
  expect([guarded.code, guarded.stderr]).toEqual([6, expect.stringContaining("allow it for this")]);
  await origin.git("config", "--unset", "receive.denyNonFastForwards");
  expect((await company.fettle("reconcile")).code).toBe(0);
  expect([await company.git("rev-parse", "main"), await origin.git("rev-parse", "main")]).toEqual([
    old,
    old,
  ]);

  const done = await company.fettle("memory", "purge", ...WHY);
  expect([done.code, done.stderr]).toEqual([0, ""]);
  expect(await naming(company, "main")).toBe("");
  expect(await naming(origin, "--all")).toBe("");
  expect(await company.git("rev-parse", "main^{tree}")).toBe(tree);
  expect(await company.git("status", "--porcelain")).toBe("");
  expect((await company.git("rev-list", "--count", "main")).trim()).toBe(
    (await company.git("rev-list", "--count", old)).trim(),
  );
  expect(await company.fettle("verify")).toMatchObject({ code: 0 });
  expect((await company.fettle("reconcile")).code).toBe(0);

  await company.git("fetch", "--quiet", "origin");
  await company.git("reflog", "expire", "--expire=now", "--all");
  await company.git("gc", "--quiet", "--prune=now");
  const check = await company.fettle("memory", "purge", "--check");
  expect([check.code, check.stdout]).toEqual([0, expect.stringContaining("Nothing of what was")]);
  expect(await company.fettle("verify")).toMatchObject({ code: 0 });
  const [backup = ""] = /\/\S+\.bundle/u.exec(done.stdout) ?? [];
  expect(await company.git("bundle", "list-heads", backup)).toContain(old);
});
