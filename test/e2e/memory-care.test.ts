/** `fettle memory …` that keeps it in order: what is old, said twice, to be forgotten, or comes from elsewhere. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeDesk, type Desk } from "./program.ts";
import { commit, makeCompany } from "./small-company.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";

const desk = makeDesk({ isHere: true });
let company: Desk;

const record = (about: string, text: string): string => `---\n${about}\n---\n${text}\n`;
const OURS = ["--trusted", "--keep-pins"] as const;
const OLD = "recordedAt: 2025-01-01T00:00:00.000Z";

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await commit(company, {
    "memory/org/heuristic/old.md": record(`kind: heuristic\nsubject: mail\n${OLD}`, "Use stamps."),
    "memory/org/fact/1.md": record("kind: fact\nsubject: mail/tone", "Ada writes short mails."),
    "memory/org/fact/2.md": record(
      "kind: fact\nsubject: mail/tone",
      "Ada writes short, warm mails.",
    ),
    "memory/org/fact/3.md": record("kind: fact\nsubject: client/bo", "Bo Berg is often ill."),
    "memory/org/fact/4.md": record("kind: fact\nsubject: client/bo/pay", "Pays in cash."),
    "projects/shop/clients/bo.md": "Bo Berg, Bremen\n",
  });
});
afterAll(desk.remove);

async function texts(at: Desk = company): Promise<readonly string[]> {
  const { stdout } = await at.fettle("memory", "export");
  const lines = stdout.split("\n").filter(Boolean);
  return lines.map((line) => String(Reflect.get(JSON.parse(line), "text")));
}

test("what is old goes in one commit that names each rule, but not before --yes", async () => {
  const dry = await company.fettle("memory", "prune");
  expect(dry.stdout).toContain("1 record would go");
  expect(await texts()).toContain("Use stamps.");

  const done = await company.fettle("memory", "prune", "--yes");

  expect(done.code).toBe(0);
  expect(await texts()).not.toContain("Use stamps.");
  expect(await company.git("log", "-1", "--format=%B", "main")).toMatch(
    /^Prune 1 record of memory\n\nmem_\w+: no run has confirmed the heuristic for 180d$/u,
  );
});

test("records that say nearly the same become one on a branch; its sources stay until a person merges it", async () => {
  const made = await company.fettle("memory", "consolidate", "--yes", "--json");
  const { branch }: { readonly branch: string } = JSON.parse(made.stdout);
  expect(await texts()).toContain("Ada writes short mails.");

  await company.git("merge", "--quiet", branch);

  const now = await texts();
  expect(now).toContain("- Ada writes short, warm mails.\n- Ada writes short mails.");
  expect(now).not.toContain("Ada writes short mails.");
  expect((await company.fettle("memory", "lint")).code).toBe(0);
});

const KEEPER = {
  ...agent("keeper", {
    runtime: { template: { merged: "merged.json.hbs" } },
    memory: { consolidates: true },
    outputs: { type: "object", required: ["merged"], properties: { merged: { type: "array" } } },
  }),
  "agents/keeper/merged.json.hbs": "{{json clusters}}\n",
  ...pipeline("shop/tidy", [{ id: "tidy", agent: "keeper" }]),
  "memory/shop/fact/1.md": record("kind: fact\nsubject: mail", "Bo writes short mails."),
  "memory/shop/fact/2.md": record("kind: fact\nsubject: mail", "Bo writes short, cold mails."),
};

test("what waits at a gate to become one, or was rejected there, is not proposed by the verb", async () => {
  const keeping = await makeCompany(desk, "keeping", {
    ...settings(),
    ...project("shop"),
    ...KEEPER,
  });
  const clusters = async (): Promise<unknown> =>
    Reflect.get(
      JSON.parse((await keeping.fettle("memory", "consolidate", "--json")).stdout),
      "clusters",
    );
  expect(await clusters()).toHaveLength(1);

  await keeping.fettle("run", "tidy");
  await keeping.fettle("reconcile");
  expect((await keeping.fettle("status")).stdout).toContain("Remember what agents propose");
  expect(await clusters()).toEqual([]);

  await keeping.fettle("reject", "memory", "--reason", "both are needed");
  await keeping.fettle("reconcile");

  expect((await keeping.fettle("status")).stdout).not.toContain("Remember what agents propose");
  expect(await clusters()).toEqual([]);
});

test("all that is exported comes back in a fresh workspace, record for record, once", async () => {
  const lines = await company.fettle("memory", "export");
  writeFileSync(join(desk.folder, "memory.jsonl"), lines.stdout);
  const fresh = await makeCompany(desk, "fresh");

  const came = await fresh.fettle("memory", "import", "../memory.jsonl", ...OURS);
  const again = await fresh.fettle("memory", "import", "../memory.jsonl", "--json");
  const back = await fresh.fettle("memory", "export");

  expect(came.stdout).toMatch(/^\d records imported\n/u);
  expect(JSON.parse(again.stdout)).toMatchObject({ ids: [] });
  expect(sorted(back.stdout)).toEqual(sorted(lines.stdout));

  await fresh.fettle("memory", "export", "--markdown", "../notes");
  writeFileSync(join(desk.folder, "notes", "AGENTS.md"), "# Tools\n- Never use tabs.\n");
  const third = await makeCompany(desk, "third");
  await third.fettle("memory", "import", "../notes");

  expect((await texts(third)).toSorted()).toEqual(
    [...(await texts(fresh)), "Never use tabs."].toSorted(),
  );
});

function sorted(lines: string): readonly object[] {
  const records: readonly { readonly id: string; readonly recordedAt?: string }[] = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  // What had no date was recorded when it came.
  return records
    .map((one) => ({ ...one, recordedAt: "" }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

test("a subject is forgotten with all below it, stays forgotten, and it is told what still names it", async () => {
  const dry = await company.fettle("memory", "forget", "--subject", "client/bo");
  expect(dry.stdout).toContain("2 records would be forgotten");

  const done = await company.fettle(
    "memory",
    "forget",
    "--subject",
    "client/bo",
    "--reason",
    "asked to",
    "--yes",
  );
  const back = await company.fettle("memory", "add", "--subject", "client/bo", "Bo Berg is fine.");
  const said = await company.fettle("memory", "add", "--subject", "x", "bo berg is OFTEN ill.");

  expect(done.stdout).toContain("2 records forgotten");
  expect(done.stdout).toContain("main: projects/shop/clients/bo.md");
  expect([back.code, said.code]).toEqual([5, 5]);
  expect(back.stderr).toContain("all about client/bo was forgotten");
  expect((await texts()).join(" ")).not.toContain("Bo Berg");
  const buried = await company
    .git("grep", "-i", "often ill", "main", "--", "memory")
    .catch(() => "");
  expect(buried).toBe("");
  expect(existsSync(join(company.folder, "memory/org/fact/3.md"))).toBe(false);
  expect((await company.fettle("reconcile")).code).toBe(0);
  expect((await company.fettle("verify")).code).toBe(0);
});
