/** `fettle run` of what does not count yet says where it is and how it comes to count. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { pipeline } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

const PATH = "projects/shop/pipelines/greet.yaml";
const GREET = pipeline("shop/greet", [{ id: "write", agent: "scribe" }]);
let company: Desk;
let count = 0;

beforeEach(async () => {
  count += 1;
  company = await makeCompany(desk, `company-${count}`);
});

async function hint(name = "greet"): Promise<string> {
  const { code, stderr } = await company.fettle("run", name);
  expect(code).toBe(64);
  expect(stderr).toContain(`${name} is not a pipeline on main`);
  return stderr;
}

function write(text: string): void {
  const file = join(company.folder, PATH);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test("a pipeline that is not committed", async () => {
  write(String(GREET[PATH]));

  for (const name of ["greet", "shop/greet"]) {
    expect(await hint(name)).toContain(`${PATH} is not committed: git add ${PATH} && git commit`);
  }
  expect(await hint("other/greet")).not.toContain("not committed");
});

test("a pipeline on another branch only", async () => {
  await company.git("switch", "--quiet", "--create", "idea");
  await commit(company, GREET);
  await company.git("switch", "--quiet", "main");

  expect(await hint()).toContain(
    `${PATH} is on branch idea only: git switch main && git merge idea`,
  );
});

test("a pipeline that is committed and not pushed", async () => {
  const origin = join(desk.folder, `origin-${count}.git`);
  await company.git("init", "--quiet", "--bare", origin);
  await company.git("remote", "add", "origin", origin);
  await company.git("push", "--quiet", "origin", "main");
  await company.fettle("status");
  await commit(company, GREET);

  expect(await hint()).toContain(`${PATH} is not pushed: git push origin main`);
  await company.git("push", "--quiet", "origin", "main");
  expect(await company.fettle("run", "greet")).toMatchObject({ code: 0 });
  rmSync(origin, { recursive: true });
});

test("a pipeline on main of a project that was never valid", async () => {
  await commit(company, {
    "projects/new/project.yaml": "apiVersion: fettle/v1\nsumary: wrong\n",
    ...pipeline("new/greet", [{ id: "write", agent: "scribe" }]),
  });

  // The file that is named is valid: another one of the project is not.
  expect(await hint("new/greet")).toContain(
    "projects/new/pipelines/greet.yaml does not count while a file of its project",
  );
});

test("a name that stands nowhere is answered by what there is", async () => {
  expect(await hint()).toContain("there are shop/crash, shop/nap, shop/note");
  expect(await hint("note2")).toContain("did you mean note?");
});
