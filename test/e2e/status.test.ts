/** What `fettle status` tells of failures and of edits that nobody committed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, type Desk } from "./program.ts";
import { pipeline } from "../support/company.ts";
import { commit, makeCompany, NOTE } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await company.fettle("run", "crash");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
});
afterAll(desk.remove);

test("a pipeline whose last run failed is named with the reason and what to type", async () => {
  const { failed } = JSON.parse((await company.fettle("status", "--json")).stdout);
  const { stdout } = await company.fettle("status");

  expect(failed).toMatchObject([{ of: "shop/crash", reason: expect.stringContaining("fall") }]);
  const [{ id }] = failed;
  expect(stdout).toContain("LAST RUN FAILED (1)");
  expect(stdout).toContain(`fettle explain ${id}`);
  expect(stdout).toContain(`fettle retry ${id}`);
  expect(stdout).not.toContain("shop/note ");
});

test("runs of a project that is not there are refused, not none", async () => {
  const known = await company.fettle("runs", "--project", "shop");
  const unknown = await company.fettle("runs", "--project", "shp");

  expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining("crash.") });
  expect(unknown).toMatchObject({ code: 64, stdout: "" });
  expect(unknown.stderr).toContain("there is no project shp\n  fettle status   lists them");
});

test("edits of the desired state that are not committed are counted; others are not", async () => {
  const words = /2 files have changes .* not committed/;
  const clean = await company.fettle("status");
  writeFileSync(join(company.folder, "agents/scribe/main.sh"), "exit 4\n");
  writeFileSync(join(company.folder, "agents/scribe/new.txt"), "new\n");
  writeFileSync(join(company.folder, "elsewhere.txt"), "new\n");

  const dirty = [await company.fettle("status"), await company.fettle("plan")];
  await commit(company, { "projects/shop/seen.txt": "x\n" });
  const after = await company.fettle("plan");

  expect(clean.stderr).not.toContain("not committed");
  for (const { stderr } of dirty) expect(stderr).toMatch(words);
  expect(after.stderr).not.toContain("not committed");
});

test("a run that is open again takes the place of the one that failed", async () => {
  const steps = [
    { id: "write", agent: "scribe" },
    { id: "review", gate: "Keep it", ask: "always", show: { note: "${{ steps.write.outputs }}" } },
  ];
  await commit(company, { ...pipeline("shop/crash", steps), "agents/scribe/main.sh": NOTE });
  await company.fettle("run", "crash");
  await company.fettle("reconcile");

  const { failed, gates } = JSON.parse((await company.fettle("status", "--json")).stdout);

  expect(gates.map((gate: { pipeline: string }) => gate.pipeline)).toContain("crash");
  expect(failed).toEqual([]);
});
