/** `fettle retry` as it is typed. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
});
afterAll(desk.remove);

test("a run that failed is tried once more by the name of its pipeline, and once only for the same wish", async () => {
  await company.fettle("run", "crash");
  await company.fettle("reconcile");

  const first = await company.fettle("retry", "crash", "--reason", "the disk was full");
  const again = await company.fettle("retry", "crash", "--json");
  await company.fettle("reconcile");
  const runs = JSON.parse((await company.fettle("runs", "--json")).stdout);

  expect([first.code, again.code]).toEqual([0, 0]);
  expect(first.stdout).toContain("will be tried once more\n  fettle reconcile   does it now");
  expect(JSON.parse(again.stdout)).toMatchObject({ kind: "retry", reason: "the disk was full" });
  expect(runs).toHaveLength(2);
  expect(runs[0].record.retryOf.run).toBe(runs[1].record.id);
  expect((await company.fettle("explain", "crash")).stdout).toContain("another try of");
  expect((await company.fettle("verify")).code).toBe(0);
});

test("what cannot be tried again is refused with what to do instead", async () => {
  await company.fettle("run", "note");
  await company.fettle("reconcile");

  const open = await company.fettle("retry", "note");
  const unknown = await company.fettle("retry", "nothing");
  const step = await company.fettle("retry", "crash", "--from", "fal");
  const param = await company.fettle("retry", "crash", "--set", "x=1");

  expect([open.code, unknown.code, step.code, param.code]).toEqual([5, 64, 64, 64]);
  expect(open.stderr).toMatch(
    /note\.\w+ is still open\n {2}fettle cancel note\.\w+ {3}calls it off/,
  );
  expect(step.stderr).toContain("the pipeline has no step fal\n  did you mean fall?");
  expect(param.stderr).toContain("the pipeline has no parameter x\n  it has no parameters");
});

test("a run that succeeded is done again only from a step that is named", async () => {
  await company.fettle("approve", "note");
  await company.fettle("reconcile");

  const refused = await company.fettle("retry", "note");
  const named = await company.fettle("retry", "note", "--from", "write");

  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("--from <step>");
  expect(named.code).toBe(0);
});
