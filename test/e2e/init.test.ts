import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "../support/git-repo.ts";
import { makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);

test("a new workspace is valid, committed, and delivers its first brief", async () => {
  const made = await desk.fettle("init", "my-company");
  const company = desk.at(join(desk.folder, "my-company"));

  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toContain("fettle -C my-company run brief");
  expect(await company.git("status", "--porcelain")).toBe("");
  expect((await company.fettle("validate")).stdout).toMatch(/^\d+ files, nothing wrong\n$/u);

  // What the README invites people to do is not forbidden to who works for them.
  const rules = readFileSync(join(company.folder, "AGENTS.md"), "utf8");
  expect(rules).not.toMatch(/never edit[^.]*fettle\/gate/iu);

  await company.fettle("run", "brief");
  const worked = await company.fettle("reconcile");
  expect(worked).toMatchObject({ code: 0 });
  expect(worked.stdout).toContain("succeeded");
  expect(await company.git("show", "--stat", "--format=", "main")).toMatch(
    /briefs\/\d{4}-W\d\d\.md/u,
  );

  const again = await desk.fettle("init", "my-company");
  expect(again.stdout).toBe(`nothing to do: ${company.folder} is a workspace already\n`);
});

test("what comes next is said in a way that works where the folder is not below", async () => {
  const elsewhere = makeFolder();

  const { stdout } = await desk.fettle("init", join(elsewhere, "company"));

  expect(stdout).toContain(`  fettle -C ${join(elsewhere, "company")} run brief `);
});

test.each(["config", "add", "commit"])(
  "what is killed while it makes a workspace has answered nothing, and a second try finishes: git %s",
  async (command) => {
    const bin = join(desk.folder, `bin-${command}`);
    mkdirSync(bin);
    const dies = `case " $* " in *" ${command} "*) kill -INT $$;; esac`;
    writeFileSync(join(bin, "git"), `#!/bin/sh\n${dies}\nPATH=\${PATH#*:} exec git "$@"\n`);
    chmodSync(join(bin, "git"), 0o755);
    const PATH = `${bin}:${desk.environment["PATH"]}`;
    const name = `killed-${command}`;

    const killed = await desk.run(["init", name], { environment: { PATH } });
    const again = await desk.fettle("init", name);

    expect(killed).toMatchObject({
      code: 75,
      stderr: expect.stringContaining("killed it at work"),
    });
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("made a workspace") });
    const company = desk.at(join(desk.folder, name));
    expect(await company.git("status", "--porcelain")).toBe("");
    expect(await company.git("log", "--format=%s")).toBe("Start the workspace");
  },
);

test("in a repository that is there already, nothing that exists is changed", async () => {
  const old = await makeCompany(desk, "old", {
    "README.md": "Mine.\n",
    ".gitignore": ".vscode\n",
    "schemas/mine.json": "{}\n",
  });
  await old.git("branch", "--move", "trunk");

  const made = await old.fettle("init", ".");

  expect(made.code).toBe(0);
  expect(made.stdout).toContain("git branch -m main   what counts is main, not trunk");
  expect(readFileSync(join(old.folder, "README.md"), "utf8")).toBe("Mine.\n");
  expect(await old.git("diff", "--name-status", "HEAD~1", "HEAD")).not.toMatch(/^[^A]/mu);
  expect(existsSync(join(old.folder, "schemas/pipeline.schema.json"))).toBe(true);
  expect(await old.git("status", "--porcelain")).toBe("");
});
