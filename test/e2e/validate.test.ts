import { afterAll, beforeAll, expect, test } from "vitest";
import { agent } from "../support/company.ts";
import { makeDesk, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await commit(company, {
    "projects/shop/pipelines/nap.yaml": "steps: [\n",
    "README.md": "A shop.\n",
  });
});
afterAll(desk.remove);

test.each([
  [["projects/shop/pipelines/note.yaml"], 0, "1 file, nothing wrong"],
  [["fettle.yaml", "agents/scribe"], 0, "2 files, nothing wrong"],
  [["projects/shop/pipelines"], 65, "1 error in 1 of 3 files"],
  [["."], 65, "1 error in 1 of 8 files"],
  [["README.md"], 0, "nothing that fettle checks"],
])("validate %j tells of these files and counts them", async (files, code, count) => {
  const end = await company.fettle("validate", ...files);

  expect(end).toMatchObject({ code, stderr: "" });
  expect(end.stdout).toContain(`${count}\n`);
});

test.each([
  [
    "agents/scirbe/agent.yaml",
    "there is no file agents/scirbe/agent.yaml",
    "did you mean agents/scribe/",
  ],
  ["../elsewhere.yaml", "../elsewhere.yaml is not in the workspace", "checks every file"],
  ["/etc/hostname", "/etc/hostname is not in the workspace", "checks every file"],
])("validate %s is told what is wrong with that", async (file, wrong, hint) => {
  const { code, stdout, stderr } = await company.fettle("validate", "fettle.yaml", file);

  expect({ code, stdout }).toEqual({ code: 64, stdout: "" });
  expect(stderr).toContain(wrong);
  expect(stderr).toContain(hint);
});

test("a file is named as seen from where one is", async () => {
  const { stdout } = await company
    .at(`${company.folder}/projects`)
    .fettle("validate", "shop/project.yaml");

  expect(stdout).toBe("1 file, nothing wrong\n");
});

test("a name in a prompt that no input provides is an error with its place", async () => {
  await commit(company, {
    ...agent("writer", {
      runtime: { template: { text: "text.hbs" } },
      inputs: { type: "object", properties: { name: { type: "string" } } },
      outputs: { type: "object", properties: { text: { type: "string" } } },
    }),
    "agents/writer/text.hbs": "Dear {{inputs.name}},\nsee {{inputs.nmae}}\n",
  });

  const { code, stdout } = await company.fettle("validate", "agents/writer");

  expect(code).toBe(65);
  expect(stdout).toContain("agents/writer/text.hbs:2:7");
  expect(stdout).toContain("inputs has no nmae");
  expect(stdout).toContain("did you mean name?");
});

test("an agent that would read the memory of a project that there is not is refused; of one that is gone it may", async () => {
  const manifest = agent("reader", { memory: { recall: "tone", namespaces: ["shpo", "old"] } });
  await commit(company, {
    ...manifest,
    "memory/old/heuristic/1.md": "---\nkind: heuristic\nsubject: tone\n---\nShort mails.\n",
  });

  const { code, stdout } = await company.fettle("validate", "agents/reader");

  expect(code).toBe(65);
  expect(stdout).toMatch(/agents\/reader\/agent\.yaml:\d+:\d+/u);
  expect(stdout).toContain("no project is called shpo, and none has left memory");
  expect(stdout).not.toContain("called old");
});
