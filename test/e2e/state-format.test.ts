/** A state of another format is an ordinary refusal, whoever looks at it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RUNNER_EMAIL } from "#runner/loop/runner-identity.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Desk, makeDesk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "newer");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
  await setFormat('{"format":3,"minReader":3}\n');
});

async function setFormat(text: string): Promise<void> {
  await company.git("worktree", "add", "--quiet", "../state", "fettle/state");
  writeFileSync(join(desk.folder, "state/format.json"), text);
  const runner = ["-C", "../state", "-c", `user.email=${RUNNER_EMAIL}`];
  await company.git(...runner, "commit", "--quiet", "--all", "--message", "upgrade");
  await company.git("worktree", "remove", "../state");
}

test.each([
  ["reconcile"],
  ["plan"],
  ["status"],
  ["runs"],
  ["timeline", "note"],
  ["explain", "note"],
  ["approve"],
  ["answer"],
  ["run", "note"],
  ["doctor"],
  ["--at", "fettle/state", "status"],
])("fettle %s %s refuses a state of a newer format and says what to do", async (...args) => {
  const { code, stderr } = await company.fettle(...args);

  expect(stderr).toBe(
    "error: this state has format 3, and this fettle 0.1.0 reads format 2\n  upgrade fettle\n",
  );
  expect(code).toBe(64);
});

test("with --json the refusal is data", async () => {
  const { stdout } = await company.fettle("status", "--json");

  expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage", hint: "upgrade fettle" } });
});

test("fettle verify finds the format", async () => {
  const { code, stdout } = await company.fettle("verify");

  expect(code).toBe(1);
  expect(stdout).toContain("format");
});

describe("a newer format that this program can still read", () => {
  beforeAll(async () => {
    await company.git("branch", "--force", "fettle/state", "fettle/state~1");
    await setFormat('{"format":3,"minReader":2}\n');
  });

  test.each([
    ["plan"],
    ["status"],
    ["runs"],
    ["timeline", "note"],
    ["explain", "note"],
    ["approve"],
  ])("is looked at by fettle %s", async (...args) => {
    const { code, stderr } = await company.fettle(...args);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each([["reconcile"], ["run", "note"], ["answer"]])(
    "is not changed by fettle %s",
    async (...args) => {
      const before = await company.git("rev-parse", "fettle/state", "main");

      const { code, stderr } = await company.fettle(...args);

      expect(stderr).toBe(
        "error: this state has format 3, and this fettle 0.1.0 reads it and writes format 2\n" +
          "  upgrade fettle to change it; status, plan and the other verbs that only look work with this one\n",
      );
      expect(code).toBe(5);
      expect(await company.git("rev-parse", "fettle/state", "main")).toEqual(before);
    },
  );

  test("is not judged by fettle verify", async () => {
    const { code, stdout } = await company.fettle("verify");

    expect(code).toBe(1);
    expect(stdout).toContain("upgrade to verify it");
    expect(stdout).toContain("incomplete");
  });
});
