/** A terminal that is closed, and who was started to outlive it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { ended, makeDesk, PROGRAM, said, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const desk = makeDesk();
const isLinux = process.platform === "linux";
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company", {
    ...settings(),
    ...project("shop"),
    ...agent("post", { effects: "external", idempotency: "none" }),
    "agents/post/main.sh": `touch ${desk.folder}/begun; sleep 1; printf '{"outcome":"succeeded","outputs":{}}'\n`,
    ...pipeline("shop/letter", [
      { id: "send", agent: "post", once: { key: "letter" }, compensate: { none: "it is sent" } },
    ]),
  });
  await company.fettle("run", "letter");
});
afterAll(desk.remove);

test.skipIf(!isLinux)(
  "an effect at work comes to its end when the terminal is closed, and is recorded",
  async () => {
    const command = `stty cols 80 rows 24; exec ${process.execPath} ${PROGRAM} reconcile`;
    const terminal = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: company.folder,
      env: { ...company.environment, TERM: "xterm-256color" },
      stdio: ["pipe", "ignore", "ignore"],
    });
    await vi.waitUntil(() => existsSync(join(desk.folder, "begun")), 60_000);

    terminal.kill("SIGKILL");

    // Another process that writes waits for the one that has no terminal any more.
    const after = await company.fettle("reconcile", "--json");
    const { stdout } = await company.fettle("timeline", "letter");
    expect(after).toMatchObject({ code: 0 });
    expect(stdout).toContain("succeeded");
    expect(stdout).not.toContain("doubt");
  },
);

test("what nohup has started, and so has no terminal, goes on when one is closed", async () => {
  const child = company.start(["reconcile", "--watch"]);
  const end = ended(child);
  await said(child, "watching main");

  child.kill("SIGHUP");
  const applied = said(child, "shop: new version in force");
  await company.git("rm", "--quiet", "projects/shop/pipelines/letter.yaml");
  await company.git("commit", "--quiet", "--message", "No more letters");
  await applied;
  child.kill("SIGINT");

  expect((await end).code).toBe(130);
});
