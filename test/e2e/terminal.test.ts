import { execFileSync, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ended, makeDesk, PROGRAM, said, type Desk } from "./program.ts";
import { makeCompany } from "./small-company.ts";

const ESCAPE = "\u001b[";
const HIDDEN = `${ESCAPE}?25l`;
const SHOWN = `${ESCAPE}?25h`;
const desk = makeDesk();
let company: Desk;

beforeAll(async () => {
  company = await makeCompany(desk, "company");
  await company.fettle("run", "note");
  await company.fettle("reconcile");
});
afterAll(desk.remove);

test("colour is for terminals, unless it is asked for or refused", async () => {
  const forced = { FORCE_COLOR: "1" };

  const plain = await company.fettle("status");
  const colored = await company.run(["status"], { environment: forced });
  const refused = await company.run(["status"], { environment: { ...forced, NO_COLOR: "1" } });
  const switched = await company.run(["status", "--no-color"], { environment: forced });

  expect(plain.stdout).not.toContain(ESCAPE);
  expect(colored.stdout).toContain(ESCAPE);
  expect(refused.stdout).toBe(plain.stdout);
  expect(switched.stdout).toBe(plain.stdout);
});

test.each([["status"], ["plan"], ["doctor"], ["reconcile"]])(
  "%s is plain ASCII where nothing else can be shown",
  async (verb) => {
    const { stdout, stderr } = await company.run([verb], { environment: { LC_ALL: "C" } });

    expect(`${stdout}${stderr}`).toMatch(/^[\n\x20-\x7e]+$/u);
  },
);

test("it works from any folder below, and says commands that work from where one is", async () => {
  const below = company.at(`${company.folder}/projects/shop`);

  const inside = await below.fettle("status");
  const outside = await desk.fettle("-C", "company", "status");
  const throughNpm = await desk.run(["-C", "company", "status"], {
    environment: { npm_execpath: "npm-cli.js" },
  });

  expect(inside.stdout).toContain("  fettle approve note-");
  expect(outside.stdout).toContain("  fettle -C company approve note-");
  expect(outside.stdout).toContain("  git -C company diff main...fettle/gate/note-");
  expect(throughNpm.stdout).toContain(`  ${PROGRAM} -C company approve note-`);
});

test.each([[["help", "--all"]], [["run", "--help"]], [["reconcile", "--json"]]])(
  "%j does not mind that nobody reads on",
  async (args) => {
    const child = company.start(args);
    child.stdout.destroy();
    child.stderr.destroy();

    const code = await new Promise((resolve) => child.once("exit", resolve));

    expect(code).toBe(0);
  },
);

test("watching picks up a commit, and ends with Ctrl-C", async () => {
  const child = company.start(["reconcile", "--watch"]);
  const end = ended(child);
  const applied = said(child, "shop: new version in force");
  await said(child, "watching main");

  await company.git("rm", "--quiet", "projects/shop/pipelines/crash.yaml");
  await company.git("commit", "--quiet", "--message", "No more crashes");
  await applied;
  child.kill("SIGINT");

  expect((await end).code).toBe(130);
});

const hasScript = which("script");

test.skipIf(!hasScript)(
  "a terminal sees the steps live and gets its cursor back, even from Ctrl-C",
  async () => {
    await company.fettle("run", "nap");
    const command = `stty cols 80 rows 24; exec ${process.execPath} ${PROGRAM} reconcile`;
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: company.folder,
      env: { ...company.environment, TERM: "xterm-256color" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let seen = "";
    child.stdout.on("data", (chunk: Buffer) => {
      const isNew = !seen.includes("sleep");
      seen += chunk.toString("utf8");
      if (isNew && seen.includes("sleep")) child.stdin.write("\u0003");
    });

    const code = await new Promise((resolve) => child.once("exit", resolve));

    expect(code).toBe(130);
    expect(seen.split(HIDDEN)).toHaveLength(2);
    expect(seen.lastIndexOf(SHOWN)).toBeGreaterThan(seen.lastIndexOf(HIDDEN));
    expect(seen).toContain("stopping: what is done is kept");
  },
);

test.skipIf(!hasScript)(
  "Ctrl-Z gives the terminal its cursor back, what goes on draws below, and Ctrl-\\ ends it at once",
  async () => {
    await company.fettle("run", "nap");
    const command = `stty cols 80 rows 24; set -m; ${process.execPath} ${PROGRAM} reconcile; echo "[left]"; fg`;
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: company.folder,
      env: { ...company.environment, TERM: "xterm-256color", SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let seen = "";
    const parts = (): readonly string[] => seen.split("[left]");
    child.stdout.on("data", (chunk: Buffer) => (seen += chunk.toString("utf8")));
    await vi.waitUntil(() => seen.includes("sleep"), 60_000);
    child.stdin.write("\u001a");
    await vi.waitUntil(() => parts()[1]?.includes("sleep"), 60_000);
    child.stdin.write("\u001c");

    const code = await new Promise((resolve) => child.once("exit", resolve));

    const [before = "", after = ""] = parts();
    expect(code).toBe(143);
    expect(after).toContain("stopped at once");
    expect(before.lastIndexOf(SHOWN)).toBeGreaterThan(before.lastIndexOf(HIDDEN));
    expect(after.slice(0, after.indexOf("sleep"))).toContain(HIDDEN);
    expect(after.lastIndexOf(SHOWN)).toBeGreaterThan(after.lastIndexOf(HIDDEN));
  },
);

function which(name: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${name}`]);
    return true;
  } catch {
    return false;
  }
}
