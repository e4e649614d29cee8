/** `fettle rollback`: manifests go back with a commit, data stays. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pipeline } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
const NAP = "projects/shop/pipelines/nap.yaml";
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
});
afterAll(desk.remove);

function text(path: string): string {
  return readFileSync(join(company.folder, path), "utf8");
}

test("what was changed last is changed back by a commit, and what lies beside it stays", async () => {
  const before = text(NAP);
  const start = await company.git("rev-parse", "HEAD");
  await commit(company, {
    ...pipeline("shop/nap", [{ id: "sleep", agent: "breaker" }]),
    ...pipeline("shop/more", [{ id: "sleep", agent: "breaker" }]),
    "projects/shop/data.csv": "kept\n",
  });

  const done = await company.fettle("rollback", "shop");
  const again = await company.fettle("rollback", "shop", "--to", start);

  expect(done.code).toBe(0);
  expect(done.stdout).toContain(`shop is rolled back to ${start.slice(0, 7)}`);
  expect(done.stdout).toContain("fettle plan");
  expect([text(NAP), text("projects/shop/data.csv")]).toEqual([before, "kept\n"]);
  expect(await company.git("ls-files", "projects/shop/pipelines/more.yaml")).toBe("");
  expect(await company.git("status", "--porcelain")).toBe("");
  expect(await company.git("log", "-1", "--format=%an %s")).toContain("Ada Roll back shop");
  expect(again.code).toBe(0);
  expect(again.stdout).toContain("are those of");
});

test("an invalid version goes back to the last good one", async () => {
  await company.fettle("reconcile");
  const good = text(NAP);
  await commit(company, { [NAP]: "apiVersion: fettle/v1\nstpes: []\n" });
  await commit(company, { [NAP]: "apiVersion: fettle/v1\nsteps: nothing\n" });
  await company.fettle("reconcile");

  const done = await company.fettle("rollback", "shop", "--json");

  expect(JSON.parse(done.stdout)).toMatchObject({ project: "shop", paths: [NAP] });
  expect(text(NAP)).toBe(good);
  expect((await company.fettle("validate")).code).toBe(0);
});

test("a change in the way, an unknown project and an unknown commit are refused", async () => {
  await commit(company, pipeline("shop/nap", [{ id: "sleep", agent: "scribe" }]));
  writeFileSync(join(company.folder, NAP), "mine\n");

  const dirty = await company.fettle("rollback", "shop");
  const project = await company.fettle("rollback", "shoop");
  const unknown = await company.fettle("rollback", "shop", "--to", "nowhere");

  expect([dirty.code, project.code, unknown.code]).toEqual([5, 64, 64]);
  expect(dirty.stderr).toContain("commit or stash them, then roll back again");
  expect(text(NAP)).toBe("mine\n");
  expect(unknown.stderr).toContain("nowhere is not a commit of this clone");
  await company.git("config", "user.email", "");
  const nobody = await company.fettle("rollback", "shop");
  expect(nobody.code).toBe(5);
  expect(nobody.stderr).toContain("git does not know who you are");
});
