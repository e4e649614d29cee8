/** Edits that do not count yet are said wherever one would wonder why nothing happens. */
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ended, makeDesk, said } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);

test("commits that are not pushed are counted where an origin decides, until they are", async () => {
  const company = await makeCompany(desk, "company");
  const origin = join(desk.folder, "origin.git");
  await company.git("clone", "--quiet", "--bare", company.folder, origin);
  await company.git("remote", "add", "origin", origin);
  await company.fettle("reconcile");
  await commit(company, { "notes.txt": "no manifest\n" });
  const elsewhere = await company.fettle("status");

  await commit(company, { "agents/scribe/main.sh": "exit 4\n" });
  await company.fettle("run", "note");
  const told = [
    await company.fettle("status"),
    await company.fettle("plan"),
    await company.fettle("reconcile"),
    await company.fettle("reconcile"),
  ];
  await company.git("push", "--quiet", "origin", "main");
  const pushed = [await company.fettle("status"), await company.fettle("reconcile")];

  expect(elsewhere.stderr).not.toContain("not pushed");
  for (const { stderr } of told) {
    expect(stderr).toContain(
      "1 commit of main is not pushed: it does not count yet (git push origin main)\n",
    );
  }
  for (const { stderr } of pushed) expect(stderr).not.toContain("not pushed");
}, 60_000);

test("who watches is told of it once, not with every tick", async () => {
  const company = await makeCompany(desk, "watched");
  const origin = join(desk.folder, "watched.git");
  await company.git("clone", "--quiet", "--bare", company.folder, origin);
  await company.git("remote", "add", "origin", origin);
  await company.fettle("reconcile");
  await commit(company, { "agents/scribe/main.sh": "exit 4\n" });

  const child = company.start(["reconcile", "--watch"]);
  const end = ended(child);
  const started = said(child, "started, attempt 1");
  await said(child, "watching main");
  await company.fettle("run", "note");
  await started;
  child.kill("SIGINT");

  expect((await end).stderr.match(/1 commit of main is not pushed/gu)).toHaveLength(1);
}, 60_000);
