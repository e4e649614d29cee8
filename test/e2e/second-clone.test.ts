/** What is printed in another clone of the company works there. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ended, makeDesk, openGate, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
let second: Desk;
let branch: string;

beforeAll(async () => {
  const first = await makeCompany(desk, "company");
  await desk.git("clone", "--quiet", "--bare", "company", "origin.git");
  const origin = join(desk.folder, "origin.git");
  await first.git("remote", "add", "origin", origin);
  await desk.git("clone", "--quiet", origin, "second");
  second = desk.at(join(desk.folder, "second"));
  await first.fettle("run", "note");
  await first.fettle("reconcile");
  branch = `fettle/gate/${await openGate(first)}`;
});
afterAll(desk.remove);

test.each([
  ["is at the origin only", async () => "", "FETCH_HEAD"],
  ["was fetched", () => second.git("fetch", "--quiet", "origin"), "origin/"],
  [
    "is a branch here",
    () => second.git("branch", branch, `origin/${branch}`),
    "main...fettle/gate",
  ],
])("a proposal whose branch %s can be looked at as every verb says", async (_, prepare, named) => {
  await prepare();

  const told: string[] = [];
  for (const words of [["status"], ["approve"], ["explain", branch.replace("fettle/gate/", "")]]) {
    told.push((await second.fettle(...words)).stdout);
  }

  for (const page of told) {
    const commands = page.match(/git (?:fetch|diff) .*$/gmu) ?? [];
    expect(commands.at(-1) ?? page).toContain(named);
    expect(await inShell(second, commands)).toContain("+# Keep the note");
  }
});

async function inShell(
  { folder, environment }: Desk,
  commands: readonly string[],
): Promise<string> {
  const child = spawn("sh", ["-ec", commands.join("\n")], {
    cwd: folder,
    env: { ...environment, GIT_PAGER: "cat" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return (await ended(child)).stdout;
}
