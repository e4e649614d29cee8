/** `fettle accept-rewrite` as a process. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { project } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;
let from: string;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await commit(company, project("travel"));
  await company.fettle("reconcile");
  from = await company.git("rev-parse", "main");
  await company.git("rm", "--quiet", "-r", "projects/travel");
  await company.git("commit", "--quiet", "--amend", "--allow-empty", "--no-edit");
});
afterAll(desk.remove);

test("An amended main is held with the command that accepts it; accepted, it is told what counts, and there is nothing left to accept.", async () => {
  const held = await company.fettle("plan");
  expect(held.stdout).toContain("travel would be removed, but main was rewritten");
  expect(held.stdout).toContain("fettle accept-rewrite");

  await company.git("config", "user.email", "eve@elsewhere.example");
  const refused = await company.fettle("accept-rewrite");
  await company.git("config", "--unset", "user.email");
  expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("the operators are") });

  const accepted = await company.fettle("accept-rewrite", "--json", "--reason", "no travel");
  expect(accepted.code).toBe(0);
  expect(JSON.parse(accepted.stdout)).toEqual({
    accepted: {
      from,
      to: await company.git("rev-parse", "main"),
      files: ["projects/travel/project.yaml"],
      by: "ada@northwind.example",
    },
  });

  const again = await company.fettle("accept-rewrite");
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to accept") });
  expect((await company.fettle("plan")).stdout).not.toContain("rewritten");
});
