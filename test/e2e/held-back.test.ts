/** A runner without an origin was killed before the branch got what it had done: any verb goes on from there. */
import { afterAll, expect, test } from "vitest";
import { makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const STATE = "refs/heads/fettle/state";
const ASIDE = "refs/fettle/pending/local/fettle/state";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

test("What was held back is seen by who only looks, and goes on the branch with the next verb that writes.", async () => {
  const company = await makeCompany(desk, "killed");
  await company.fettle("run", "note");
  const asked = await company.git("rev-parse", STATE);
  await company.fettle("reconcile");
  const held = await company.git("rev-parse", STATE);
  await company.git("update-ref", ASIDE, held);
  for (const ref of [STATE, "refs/fettle/seen/fettle/state"])
    await company.git("update-ref", ref, asked);

  const shown = await company.fettle("runs", "--json");
  const isLeft = (await company.git("rev-parse", STATE)) === asked;
  const ran = await company.fettle("run", "note");

  expect(shown.stdout).toContain('"succeeded"');
  expect(isLeft).toBe(true);
  expect(ran.code).toBe(0);
  expect(await company.git("rev-parse", `${STATE}~1`)).toBe(held);
  expect(await company.git("for-each-ref", ASIDE)).toBe("");
  expect((await company.fettle("verify")).code).toBe(0);
});
