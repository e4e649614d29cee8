/** A stranger's commit on a gate's branch is refused in words and as data. */
import { afterAll, expect, test } from "vitest";
import { makeDesk, openGate } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

test("approve names the commit, who made it and what it changes, and says what to do", async () => {
  const company = await makeCompany(desk, "company");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  const gate = await openGate(company);
  const branch = `fettle/gate/${gate}`;
  const before = await company.git("rev-parse", "main");
  await company.git("switch", "--quiet", branch);
  await company.git("config", "user.email", "eve@example.com");
  await commit(company, { "projects/shop/policy\u001b[2J.txt": "everything\n" });
  await company.git("config", "user.email", "ada@northwind.example");
  await company.git("switch", "--quiet", "main");

  const told = await company.fettle("approve", gate);
  const data = await company.fettle("approve", gate, "--json");

  expect(told.code).toBe(5);
  expect(told.stderr).toMatch(/by eve@example\.com \(projects\/shop\/policy\.txt\)/u);
  expect(told.stderr).not.toContain("\u001b");
  expect(told.stderr).toContain(`git merge --no-ff ${branch}`);
  expect(told.stderr).toContain(`git branch --force ${branch} `);
  expect(data.code).toBe(5);
  expect(JSON.parse(data.stdout)).toMatchObject({
    error: {
      code: "refused",
      message: expect.stringContaining("eve@example.com"),
      hint: expect.stringContaining("git log -p"),
    },
  });
  expect(await company.git("rev-parse", "main")).toBe(before);
});
