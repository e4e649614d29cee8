/** A bare clone is enough for whoever wants to look or to check. */
import { afterAll, expect, test } from "vitest";
import { makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);

test("A bare clone is verified and looked at; acting is refused there.", async () => {
  const company = await makeCompany(desk, "whole");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  await desk.git("clone", "--quiet", "--bare", "whole", "bare.git");

  const [verified, status, runs, ran] = await Promise.all([
    desk.fettle("-C", "bare.git", "verify"),
    desk.fettle("-C", "bare.git", "status"),
    desk.fettle("-C", "bare.git", "runs", "--json"),
    desk.fettle("-C", "bare.git", "run", "note"),
  ]);

  expect(verified).toMatchObject({ code: 0, stderr: "" });
  expect(verified.stdout).toContain("verified");
  expect(status).toMatchObject({ code: 0, stderr: "" });
  expect(status.stdout).toContain("Keep the note");
  expect(JSON.parse(runs.stdout)).toMatchObject([{ record: { pipeline: "note" } }]);
  expect(ran.code).toBe(64);
  expect(ran.stderr).toContain("is a bare repository");
});
