/** A state of another format is an ordinary refusal, whoever looks at it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Desk, makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "newer");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  await company.git("worktree", "add", "--quiet", "../state", "fettle/state");
  writeFileSync(join(desk.folder, "state/format.json"), '{"format":3,"minReader":3}\n');
  await company.git("-C", "../state", "commit", "--quiet", "--all", "--message", "upgrade");
  await company.git("worktree", "remove", "../state");
});

test.each([
  ["reconcile"],
  ["plan"],
  ["status"],
  ["runs"],
  ["timeline", "note"],
  ["explain", "note"],
  ["approve"],
  ["answer"],
  ["run", "note"],
  ["doctor"],
  ["--at", "fettle/state", "status"],
])("fettle %s %s refuses a state of a newer format and says what to do", async (...args) => {
  const { code, stderr } = await company.fettle(...args);

  expect(stderr).toBe(
    "error: this state has format 3, and this fettle 0.1.0 reads format 2\n  upgrade fettle\n",
  );
  expect(code).toBe(64);
});

test("with --json the refusal is data", async () => {
  const { stdout } = await company.fettle("status", "--json");

  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage", hint: "upgrade fettle" } });
});

test("fettle verify finds the format", async () => {
  const { code, stdout } = await company.fettle("verify");

  expect(code).toBe(1);
  expect(stdout).toContain("format");
});
