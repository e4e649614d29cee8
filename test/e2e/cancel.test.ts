/** `fettle cancel` as it is typed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
}, 60_000);
afterAll(desk.remove);

async function begin(pipeline: string): Promise<string> {
  await company.fettle("run", pipeline);
  await company.fettle("reconcile");
  const { stdout } = await company.fettle("runs", "--json");
  return JSON.parse(stdout)[0].record.id;
}

test("a run that waits is cancelled by the name of its pipeline; asking again changes nothing", async () => {
  const run = await begin("note");

  const first = await company.fettle("cancel", "note", "--reason", "wrong note");
  const again = await company.fettle("cancel", run, "--json");
  await company.fettle("reconcile");
  const after = await company.fettle("cancel", run);
  const timeline = await company.fettle("timeline", run);

  expect([first.code, again.code, after.code]).toEqual([0, 0, 0]);
  expect(first.stdout).toBe(`${run} will be cancelled\n  fettle reconcile   does it now\n`);
  expect(JSON.parse(again.stdout)).toMatchObject({ kind: "cancel", run, reason: "wrong note" });
  expect(after.stdout).toBe(`${run} was cancelled already\n`);
  expect(timeline.stdout).toContain("cancelled");
  expect((await company.fettle("explain", run)).stdout).toContain("wrong note");
  expect((await company.fettle("status", "--json")).stdout).toContain('"gates":[]');
  expect((await company.fettle("verify")).code).toBe(0);
}, 60_000);

test("what cannot be cancelled is refused with what to do instead", async () => {
  const closed = await begin("crash");
  await begin("note");
  await company.fettle("cancel", "note");
  await company.fettle("reconcile");

  const unknown = await company.fettle("cancel", "nothing");
  const over = await company.fettle("cancel", closed, "--json");
  const ambiguous = await company.fettle("cancel", "note.");

  expect([unknown.code, over.code, ambiguous.code]).toEqual([64, 5, 64]);
  expect(unknown.stderr).toBe("error: there is no run nothing\n  fettle runs   lists them\n");
  expect(JSON.parse(over.stdout).error).toEqual({
    code: "refused",
    message: `${closed} has ended: failed`,
    hint: `fettle timeline ${closed}   shows what it did`,
  });
  expect(ambiguous.stderr).toContain("note. means several runs");
}, 60_000);
