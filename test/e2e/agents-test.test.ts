/** Contract cases of agents, tried on the files on disk. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { agent } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { makeCompany, NOTE } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

function write(path: string, text: string): void {
  const full = join(company.folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

function expecting(outcome: string): string {
  return `apiVersion: fettle/v1\nname: ${outcome}\ninputs: {}\nexpect: { outcome: ${outcome} }\n`;
}

beforeAll(async () => {
  company = await makeCompany(desk, "company");
});
afterAll(desk.remove);

test("without a case it is said where they stand", async () => {
  const { code, stdout } = await company.fettle("agents", "test");

  expect([code, stdout]).toEqual([
    0,
    "no case: they stand in agents/<agent>/contract/<case>.yaml\n",
  ]);
});

test("a case that is met is counted, and one that is not says how; nothing has to be committed", async () => {
  write("agents/scribe/contract/good.yaml", expecting("succeeded"));
  const met = await company.fettle("agents", "test", "scribe");
  write("agents/scribe/contract/bad.yaml", expecting("noop"));
  write("agents/scribe/contract/odd.yaml", "expect: [\n");
  const unmet = await company.fettle("agents", "test", "--json");

  expect(met).toMatchObject({ code: 0, stdout: "1 case of 1 agent: all met\n" });
  expect(unmet.code).toBe(1);
  expect(JSON.parse(unmet.stdout)).toEqual([
    {
      agent: "scribe",
      path: "agents/scribe/contract/bad.yaml",
      problems: ["outcome is succeeded, not noop"],
    },
    { agent: "scribe", path: "agents/scribe/contract/good.yaml", problems: [] },
    {
      agent: "scribe",
      path: "agents/scribe/contract/odd.yaml",
      problems: ["the case or its agent is not valid: fettle validate   says why"],
    },
  ]);
});

test("schemas that agents share are known", async () => {
  const files = agent("clerk", { outputs: { $ref: "note.schema.json" } });
  for (const [path, text] of Object.entries(files)) write(path, String(text));
  write("agents/clerk/main.sh", NOTE);
  write("schemas/note.schema.json", '{"type":"object","required":["text"]}');
  write("agents/clerk/contract/good.yaml", expecting("succeeded"));

  expect(await company.fettle("agents", "test", "clerk")).toMatchObject({ code: 0 });
});

test("an agent that is not there is named", async () => {
  const { code, stderr } = await company.fettle("agents", "test", "scirbe");

  expect(code).toBe(64);
  expect(stderr).toContain("there is no agent scirbe");
  expect(stderr).toContain("did you mean scribe?");
});
