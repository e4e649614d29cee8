/** Between an answer and the next tick nothing asks for the answer again, and it is not taken for another one. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { makeDesk, openGate, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;
let gate: string;
let made = 0;

beforeEach(async () => {
  company = await makeCompany(desk, `company-${(made += 1)}`);
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  gate = await openGate(company);
});
afterAll(desk.remove);

test.each([
  ["approve", () => company.fettle("approve", gate), "approved"],
  [
    "a merge",
    () => company.git("merge", "--quiet", "--no-edit", `fettle/gate/${gate}`),
    "approved",
  ],
  ["reject", () => company.fettle("reject", gate, "--reason", "too early"), "rejected"],
])("after %s no verb asks again", async (_, answer, word) => {
  await answer();

  const pages = [
    await company.fettle("status"),
    await company.fettle("approve"),
    await company.fettle("explain", gate),
    await company.fettle("timeline", "note"),
  ];

  for (const { stdout } of pages) {
    expect(stdout).toContain(`${word} by ada@northwind.example: goes on with fettle reconcile`);
    expect(stdout).not.toMatch(/NEEDS YOU|fettle approve|fettle reject/u);
  }
});

test("what is to be rejected is not approved by the way, and can be by a merge", async () => {
  await company.fettle("reject", gate, "--reason", "too early");

  const approved = await company.fettle("approve", gate);
  const again = await company.fettle("reject", gate, "--reason", "really");
  const same = await company.fettle("reject", gate, "--reason", "too early");

  expect(approved.code).toBe(5);
  expect(approved.stderr).toContain("is to be rejected: ada@northwind.example asked for it");
  expect(again.code).toBe(5);
  expect(same.code).toBe(0);
  expect(same.stdout).toContain("is to be rejected: ada@northwind.example asked for it");
  await company.git("merge", "--quiet", "--no-edit", `fettle/gate/${gate}`);
  expect((await company.fettle("reconcile")).stderr).toContain("review approved by ada");
});

test("what is approved is rejected only after the merge was taken back", async () => {
  await company.fettle("approve", gate);

  const refused = await company.fettle("reject", gate, "--reason", "too early");

  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("is approved already, by ada@northwind.example");
  await company.git("revert", "--no-edit", "-m", "1", "HEAD");
  expect(await company.fettle("reject", gate, "--reason", "too early")).toMatchObject({ code: 0 });
  expect((await company.fettle("reconcile")).stderr).toContain("review rejected by ada");
});

test("what makes a stranger's merge count is what is said", async () => {
  const record = `memory/shop/decisions/${gate}/decision.md`;
  const eve = ["-c", "user.email=eve@elsewhere.example"];
  await company.git(...eve, "merge", "--quiet", "--no-edit", `fettle/gate/${gate}`);

  const pages = [
    await company.fettle("reconcile"),
    await company.fettle("status"),
    await company.fettle("approve"),
    await company.fettle("plan"),
  ];

  for (const { stdout } of pages) {
    expect(stdout.replaceAll(/\s+/gu, " ")).toContain(`add a line with your reason to ${record}`);
    expect(stdout).not.toContain("fettle approve");
  }
  appendFileSync(join(company.folder, record), "I have read it.\n");
  await company.git("commit", "--quiet", "--all", "--message", "I have read it");
  expect((await company.fettle("reconcile")).stderr).toContain("review approved by ada");
});

test("a rejection without a reason is none", async () => {
  const { code, stderr } = await company.fettle("reject", gate, "--reason", " ");

  expect(code).toBe(64);
  expect(stderr).toContain("a rejection needs a reason");
});
