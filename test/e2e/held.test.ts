import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { noteCompany } from "../support/company.ts";
import { makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
afterAll(desk.remove);

const NOTE = "projects/shop/note.md";
const WRITES_NOTE = `mkdir -p projects/shop && echo new > ${NOTE}\nprintf '{"outcome":"succeeded","outputs":{}}'\n`;

test("reconcile says at every call that an edit is in the way of a delivery", async () => {
  const files = { ...noteCompany(), "agents/scribe/main.sh": WRITES_NOTE, [NOTE]: "old\n" };
  const company = await makeCompany(desk, "company", files);
  writeFileSync(join(company.folder, NOTE), "mine\n");
  await company.fettle("run", "note");

  const first = await company.fettle("reconcile");
  const again = await company.fettle("reconcile");

  for (const { stdout } of [first, again]) {
    expect(stdout).toContain(`to ${NOTE} are in the way`);
    expect(stdout).toContain("commit or stash them");
  }
  expect(again.stdout).not.toContain("nothing to do");
});
