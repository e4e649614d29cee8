/** Every exit code that the program can end with. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, describe, expect, test, vi } from "vitest";
import { lockRepository } from "#runner/repo/lock.ts";
import { openRepository } from "#runner/repo/repository.ts";
import { ended, makeDesk, openGate, said, type Desk } from "./program.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { commit, makeCompany, NOTE } from "./small-company.ts";

const desk = makeDesk();
afterAll(desk.remove);

describe.concurrent("the program ends with", () => {
  test("0, 2, 3 and 5 along the way of a gate", async () => {
    const company = await makeCompany(desk, "gated");
    expect(await company.fettle("run", "note")).toMatchObject({ code: 0 });
    expect(await company.fettle("plan", "--detailed-exitcode")).toMatchObject({ code: 2 });
    expect(await company.fettle("reconcile", "--detailed-exitcode")).toMatchObject({ code: 3 });

    await company.git("config", "user.email", "eve@elsewhere.example");
    const gate = await openGate(company);
    const [approved, rejected] = await Promise.all([
      company.fettle("approve", gate),
      company.fettle("reject", gate, "--reason", "no"),
    ]);
    expect(approved.code).toBe(5);
    expect(approved.stderr).toContain("you are eve@elsewhere.example");
    expect(rejected.code).toBe(5);
    await company.git("config", "user.email", "ada@northwind.example");
    expect(await company.fettle("approve", gate)).toMatchObject({ code: 0 });
    expect(await company.fettle("reconcile", "--detailed-exitcode")).toMatchObject({ code: 2 });
    expect(await company.fettle("reconcile", "--detailed-exitcode")).toMatchObject({ code: 0 });

    const late = await company.fettle("approve", gate);
    expect(late).toMatchObject({ code: 64, stderr: expect.stringContaining(`explain ${gate} `) });
  });

  test("1 when a run failed", async () => {
    const company = await makeCompany(desk, "failing");
    await company.fettle("run", "crash");

    const { code, stdout } = await company.fettle("reconcile", "--quiet");

    expect(code).toBe(1);
    expect(stdout).toContain("failed");
  });

  test("4 when a key is missing and nothing could be done for it", async () => {
    const company = await makeCompany(desk, "keyless", {
      ...settings({ secrets: { SHOP_KEY: { env: "NO_SUCH_VARIABLE" } } }),
      ...project("shop"),
      ...agent("scribe", { secrets: ["SHOP_KEY"] }),
      "agents/scribe/main.sh": NOTE,
      ...pipeline("shop/note", [{ id: "write", agent: "scribe" }]),
    });
    await company.fettle("run", "note");

    const { code, stdout } = await company.fettle("reconcile", "--quiet");

    expect(code).toBe(4);
    expect(stdout).toContain("SHOP_KEY");
  });

  test("6 when another process is at work for long", async () => {
    const company = await makeCompany(desk, "locked");
    const lock = await lockFor(company);

    const { code, stderr } = await company.fettle("run", "note");

    lock.release();
    expect(code).toBe(6);
    expect(stderr).toContain(`another fettle (process ${process.pid}) is at work here: waiting`);
  });

  test("130 when it is interrupted while it waits for another process", async () => {
    const company = await makeCompany(desk, "impatient");
    const lock = await lockFor(company);
    const child = company.start(["run", "note"]);
    const end = ended(child);
    await said(child, "waiting for it");

    child.kill("SIGINT");

    expect((await end).code).toBe(130);
    lock.release();
  });

  test("64 outside of a repository, without a commit, for what is not there", async () => {
    const empty = join(desk.folder, "empty");
    mkdirSync(empty);
    const company = await makeCompany(desk, "asked");

    const ends = [
      await desk.fettle("-C", "empty", "status"),
      await desk.fettle("-C", "nowhere", "status"),
      await company.fettle("run", "nope"),
      await company.fettle("run", "note", "--set", "size"),
      await company.fettle("approve", "nope"),
      await company.fettle("timeline", "nope"),
      await company.fettle("--at", "main", "status"),
      await company.fettle("init", "inner"),
    ];

    expect(ends.map(({ code }) => code)).toEqual(ends.map(() => 64));
    expect(ends.map(({ stderr }) => stderr.split("\n")[0])).toEqual([
      `error: ${empty} is not in a git repository`,
      `error: ${join(desk.folder, "nowhere")} is not in a git repository`,
      "error: nope is not a pipeline on main",
      'error: --set takes name=value, not "size"',
      "error: no open gate is called nope",
      "error: there is no run nope",
      "error: main is not a commit of fettle/state",
      expect.stringContaining("is inside the repository"),
    ]);
  });

  test("5 for a gate that is queued, which explain knows by its id", async () => {
    const away = [{ from: "2020-01-01", to: "2099-01-01" }];
    const company = await makeCompany(desk, "queued");
    await commit(company, settings({ attention: { away } }));
    await company.fettle("run", "note");
    await company.fettle("reconcile");
    const { queue } = JSON.parse((await company.fettle("gates", "--json")).stdout);

    const approved = await company.fettle("approve", queue[0].id);
    const explained = await company.fettle("explain", queue[0].id);

    expect(approved).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('"Keep the note" cannot be answered yet, it is queued'),
    });
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining("step review of") });
  });

  test("64 in a folder that was removed", async () => {
    const script = 'mkdir "$1" && cd "$1" && rmdir "$1" && exec "$2" "$3" status';
    const gone = join(desk.folder, "gone");
    const program = join(import.meta.dirname, "../../bin/fettle.mjs");

    const { status, stderr } = spawnSync(
      "sh",
      ["-c", script, "sh", gone, process.execPath, program],
      { encoding: "utf8" },
    );

    expect(status).toBe(64);
    expect(stderr).toContain("the folder in which this was started is not there any more");
  });

  test("64 without git", async () => {
    const company = await makeCompany(desk, "gitless");

    const end = await company.run(["status"], { environment: { PATH: "/nonexistent" } });

    expect(end).toMatchObject({
      code: 64,
      stderr: expect.stringContaining("git is not installed"),
    });
  });

  test("65 while the files of main are invalid, whatever else is done", async () => {
    const nothing = await makeCompany(desk, "nothing", { "README.md": "No company.\n" });
    const company = await makeCompany(desk, "invalid");
    await commit(company, { "projects/shop/pipelines/note.yaml": "steps: [\n" });

    const [none, validated, first] = await Promise.all([
      nothing.fettle("reconcile"),
      company.fettle("validate"),
      company.fettle("reconcile"),
    ]);

    expect(none).toMatchObject({ code: 65, stderr: expect.stringContaining("fettle init .") });
    expect(validated).toMatchObject({ code: 65, stderr: "" });
    expect(validated.stdout).toMatch(/note\.yaml:\d+:\d+ {2}error/u);
    expect(first).toMatchObject({ code: 65 });
    expect(await company.fettle("reconcile")).toMatchObject({ code: 65 });
  });

  test("70 with what happened, and never without", async () => {
    const company = await makeCompany(desk, "broken");
    await company.git("checkout", "--quiet", "--orphan", "fettle/state");
    const format = '{"format":2,"minReader":2}\n';
    await commit(company, { "format.json": format, "live/_workspace.json": '"nonsense"' });
    await company.git("checkout", "--quiet", "main");

    const { code, stderr } = await company.fettle("status");

    expect(code).toBe(70);
    expect(stderr).toContain("this is a bug in fettle, please report it");
    expect(stderr).toContain("live/_workspace.json");
  });

  test("75 when the origin does not answer", async () => {
    const company = await makeCompany(desk, "offline");
    await company.git("remote", "add", "origin", "/nonexistent/origin.git");

    const end = await company.fettle("run", "note");

    expect(end).toMatchObject({ code: 75, stderr: expect.stringContaining("not published") });
  });

  // To root every folder is open.
  test.skipIf(process.getuid?.() === 0)("75 when the folder cannot be written", async () => {
    const closed = desk.at(join(desk.folder, "closed"));
    mkdirSync(closed.folder);
    chmodSync(closed.folder, 0o555);

    const end = await closed.fettle("init", "company");

    expect(end).toMatchObject({ code: 75, stderr: expect.stringContaining("permission denied") });
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s: %i, and the next tick goes on", async (signal, code) => {
    const company = await makeCompany(desk, signal.toLowerCase());
    await company.fettle("run", "nap");
    const child = company.start(["reconcile"]);
    const end = ended(child);
    await said(child, "sleep started");

    child.kill(signal);

    const { code: seen, stdout, stderr } = await end;
    expect(seen).toBe(code);
    expect(stdout).toContain("interrupted: fettle reconcile goes on from here");
    expect(stderr).toContain("stopping: what is done is kept");
    expect((await company.fettle("plan")).stdout).toContain("sleep");
  });

  test.each([
    ["reconcile", "stopped before anything was done"],
    ["approve", "stopped before it was done"],
  ])("130 where the origin is still waited for: %s", async (verb, words) => {
    const company = await makeCompany(desk, `patient-${verb}`);
    await company.fettle("run", "note");
    await company.fettle("reconcile");
    const gate = await openGate(company);
    // An origin that never answers, behind an ssh that says when it is asked.
    await company.git("remote", "add", "origin", "ssh://nowhere.example/origin.git");
    const surroundings = { GIT_SSH_COMMAND: `touch ${company.folder}/asked; sleep 9; :` };
    const patient = company.at(company.folder, surroundings);
    const child = patient.start(verb === "approve" ? [verb, gate] : [verb]);
    const end = ended(child);
    await vi.waitUntil(() => existsSync(join(company.folder, "asked")), 60_000);

    child.kill("SIGINT");

    expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining(words) });
  });

  test("130 at once when it is interrupted twice in the middle of an effect, which is then in doubt", async () => {
    const company = await makeCompany(desk, "twice", {
      ...settings(),
      ...project("shop"),
      ...agent("post", { effects: "external", idempotency: "none" }),
      "agents/post/main.sh": "sleep 30\n",
      ...pipeline("shop/letter", [
        { id: "send", agent: "post", once: { key: "letter" }, compensate: { none: "it is sent" } },
      ]),
    });
    await company.fettle("run", "letter");
    const child = company.start(["reconcile"]);
    const end = ended(child);
    await said(child, "send started");
    const stopping = said(child, "stopping");

    child.kill("SIGINT");
    await stopping;
    // A key that is pressed once may come as two signals.
    await setTimeout(300);
    child.kill("SIGINT");

    expect(await end).toMatchObject({
      code: 130,
      stderr: expect.stringContaining("stopped at once: what was recorded is kept"),
    });
    expect((await company.fettle("reconcile")).stdout).toContain("fettle answer letter did-not");
  });
});

async function lockFor({ folder, environment }: Desk): Promise<{ readonly release: () => void }> {
  const opened = await openRepository({ start: folder, environment });
  if (opened.kind !== "opened") throw new Error(opened.kind);
  const locked = lockRepository(opened.repository, { pid: process.pid, since: Date.now() });
  if (locked.kind !== "locked") throw new Error(locked.kind);
  return locked.lock;
}
