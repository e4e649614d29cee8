import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ended, makeDesk } from "./program.ts";

const desk = makeDesk();
afterAll(desk.remove);

test("who tried it through npm gets commands that work where the studio is", async () => {
  const environment = { npm_execpath: "npm-cli.js" };
  const { stdout } = await desk.run(["try", "studio"], { environment });
  const status = stdout.split("\n").find((line) => line.endsWith(" status")) ?? "";

  const child = spawn("sh", ["-c", status], {
    cwd: join(desk.folder, "studio"),
    env: desk.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });

  expect(await ended(child)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("NEEDS YOU (1)"),
  });
});

test.each([
  [".", "fettle try studio-2 "],
  ["papers", "fettle try papers-2 "],
  ["papers/", "fettle try papers-2 "],
  ["papers/notes.txt", "fettle try papers/notes.txt-2 "],
])("where %s is no empty folder, a free one is named", async (folder, hint) => {
  mkdirSync(join(desk.folder, "papers"), { recursive: true });
  mkdirSync(join(desk.folder, "studio"), { recursive: true });
  writeFileSync(join(desk.folder, "papers", "notes.txt"), "mine\n");

  const { code, stderr } = await desk.fettle("try", folder);

  expect(code).toBe(64);
  expect(stderr).toContain(`${folder} is not an empty folder`);
  expect(stderr).toContain(hint);
});
