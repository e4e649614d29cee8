/** The state branch was moved at the origin: what the program says, and what `doctor --repair` does about it. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { agent, noteCompany, pipeline, project, settings } from "../support/company.ts";
import { makeDesk, type Desk, type Ended } from "./program.ts";
import { RUNNER_EMAIL } from "#runner/loop/runner-identity.ts";
import { makeCompany, NOTE } from "./small-company.ts";

const STATE = "refs/heads/fettle/state";
const SENT = 'printf \'{"outcome":"succeeded","outputs":{},"receipt":{"id":"1"}}\'\n';
const MAILER = {
  ...settings(),
  ...project("shop"),
  ...agent("mailer", { effects: "external", idempotency: "native" }),
  "agents/mailer/main.sh": SENT,
  ...agent("clerk"),
  "agents/clerk/main.sh": NOTE,
  ...pipeline("shop/memo", [
    { id: "write", agent: "clerk" },
    { id: "review", gate: "Keep it", ask: "always", show: { memo: "${{ steps.write.outputs }}" } },
  ]),
  ...pipeline("shop/mail", [
    {
      id: "send",
      agent: "mailer",
      once: { key: "mail/ann" },
      compensate: { none: "a sent mail cannot be recalled" },
    },
  ]),
};

const WRITES =
  'mkdir -p projects/shop; echo hello > projects/shop/note.md; printf \'{"outcome":"succeeded","outputs":{}}\'\n';
const NOTES = { ...noteCompany(), "agents/scribe/main.sh": WRITES };

const desk = makeDesk({ isHere: true });
let company: Desk;
let origin: Desk;
let tip: string;
let companies = 0;

beforeEach(async () => {
  companies += 1;
  company = await makeCompany(desk, `company-${companies}`, MAILER);
  await desk.git("clone", "--quiet", "--bare", company.folder, `origin-${companies}.git`);
  origin = desk.at(join(desk.folder, `origin-${companies}.git`));
  await company.git("remote", "add", "origin", origin.folder);
  await company.fettle("run", "mail");
  await company.fettle("reconcile");
  tip = await origin.git("rev-parse", STATE);
});
afterAll(desk.remove);

async function atOrigin(): Promise<string> {
  return origin.git("rev-parse", STATE);
}

function error({ stdout }: Ended): unknown {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "").error;
}

test("A state that was set back is told, nothing is written, and doctor --repair puts it back.", async () => {
  const old = await origin.git("rev-parse", `${STATE}~2`);
  await origin.git("update-ref", STATE, old);

  const stopped = await company.fettle("reconcile", "--json");
  const asked = await company.fettle("run", "mail");
  const seen = await company.fettle("status");
  const told = await company.fettle("doctor");

  expect([stopped.code, asked.code]).toEqual([5, 5]);
  expect(error(stopped)).toMatchObject({
    message: expect.stringContaining("fettle/state was set back at the origin"),
    hint: expect.stringContaining("doctor"),
  });
  expect(asked.stderr).toContain("fettle/state was set back at the origin");
  expect(seen.code).toBe(0);
  expect(seen.stderr).toContain("fettle/state was set back at the origin");
  expect(told.code).toBe(1);
  expect(told.stdout).toContain("2 commits would be lost");
  expect(told.stdout).toContain("external effects mail/ann");
  expect(told.stdout).toContain("doctor --repair");
  expect(await atOrigin()).toBe(old);

  const repaired = await company.fettle("doctor", "--repair", "--json");
  expect(repaired.code).toBe(0);
  expect(JSON.parse(repaired.stdout).did).toEqual([
    `fettle/state is put back at the origin to ${tip}`,
  ]);
  expect(await atOrigin()).toBe(tip);
  expect((await company.fettle("reconcile")).code).toBe(0);
});

test("Where the origin refuses what doctor --repair puts back, it says so and why.", async () => {
  await origin.git("update-ref", STATE, `${STATE}~2`);
  const hook = join(origin.folder, "hooks", "pre-receive");
  mkdirSync(join(origin.folder, "hooks"), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\necho the books are closed >&2\nexit 1\n", { mode: 0o755 });

  const repaired = await company.fettle("doctor", "--repair", "--json");

  expect(repaired.code).toBe(1);
  expect(JSON.parse(repaired.stdout).did).toEqual([
    "fettle/state is not put back: [remote rejected] (pre-receive hook declined)",
  ]);
});

test("A state that is gone at the origin is put back with the payload it cites and the gates that are open.", async () => {
  await company.fettle("run", "memo");
  await company.fettle("reconcile");
  const branches = await origin.git("for-each-ref", "refs/heads/fettle");
  for (const ref of (
    await origin.git("for-each-ref", "--format=%(refname)", "refs/heads/fettle")
  ).split("\n")) {
    await origin.git("update-ref", "-d", ref);
  }

  expect((await company.fettle("reconcile")).code).toBe(5);
  expect((await company.fettle("doctor", "--repair")).code).toBe(0);

  expect(branches).toContain("refs/heads/fettle/gate/memo-");
  expect(await origin.git("for-each-ref", "refs/heads/fettle")).toBe(branches);
});

test("A clone without an origin puts its own state back.", async () => {
  await company.git("remote", "remove", "origin");
  const told = await company.fettle("doctor");
  expect(told.stdout).toContain("no remote is called origin here any more");
  const [, forget = ""] = /goes on alone after: (.*)$/m.exec(told.stdout) ?? [];
  execFileSync("sh", ["-c", forget], { cwd: company.folder });
  await company.git("branch", "--quiet", "--delete", "--force", "fettle/state");

  expect((await company.fettle("reconcile")).code).toBe(5);
  const repaired = await company.fettle("doctor", "--repair");

  expect(repaired.stdout).toContain(`fettle/state is put back here to ${tip}`);
  expect(await company.git("rev-parse", STATE)).toBe(tip);
});

test.each([
  ["the one that was seen", 0, (): string => tip],
  ["the one that stands there", 1, atOrigin],
] as const)(
  "Of two states that have parted doctor --repair takes none; the command for %s settles it.",
  async (_, index, kept) => {
    const asRunner = ["-c", `user.email=${RUNNER_EMAIL}`, "commit-tree", "-m", "x"];
    const own = await origin.git(...asRunner, "-p", `${STATE}~1`, `${STATE}^{tree}`);
    await origin.git("update-ref", STATE, own);

    const told = await company.fettle("doctor", "--repair");
    expect(told.code).toBe(1);
    expect(await atOrigin()).toBe(own);

    const commands = told.stdout.match(/git (?:push --force|update-ref) .*$/gmu) ?? [];
    const wanted = await kept();
    for (const command of (commands[index] ?? "").split(" && ")) {
      await company.git(...command.split(" ").slice(1));
    }
    expect((await company.fettle("reconcile")).code).toBe(0);
    expect(await origin.git("merge-base", "--is-ancestor", wanted, STATE)).toBe("");
  },
);

test("A commit that a person made on the state stops the tick; doctor --repair takes the branch back, and nothing is sent again.", async () => {
  await company.git("switch", "--quiet", "fettle/state");
  await company.git("rm", "-r", "--quiet", "once", "runs");
  await company.git("commit", "--quiet", "--message", "tidied up");
  await company.git("switch", "--quiet", "main");

  const stopped = await company.fettle("reconcile", "--json");
  const doctor = await company.fettle("doctor");
  const repaired = await company.fettle("doctor", "--repair");

  expect(stopped.code).toBe(5);
  expect(error(stopped)).toMatchObject({ message: expect.stringContaining('"tidied up"') });
  expect(doctor.stdout).toContain("fettle doctor --repair   takes the branch back to");
  expect(repaired.stdout).toContain(`goes back to ${tip} here; the commit made by hand stays as`);
  expect(await atOrigin()).toBe(tip);
  await company.fettle("run", "mail");
  await company.fettle("reconcile");
  const { stdout } = await company.fettle("runs", "--json", "--limit", "1");
  expect(JSON.parse(stdout)).toMatchObject([{ attempts: [{ outcome: "noop" }] }]);
});

test("A commit that a person pushed to the state is told with the command that takes it back.", async () => {
  const own = await origin.git("commit-tree", "-m", "by hand", "-p", STATE, `${STATE}^{tree}`);
  await origin.git("update-ref", STATE, own);

  const told = await company.fettle("doctor", "--repair");
  const command = /git push --force-with-lease.*$/m.exec(told.stdout)?.[0] ?? "";
  await company.git(...command.split(" ").slice(1));

  expect(told.code).toBe(1);
  expect(await atOrigin()).toBe(tip);
  expect((await company.fettle("reconcile")).code).toBe(0);
});

test("What was delivered and main has lost at the origin is told by each clone, and put back by one that has it.", async () => {
  const noted = await makeCompany(desk, "noted", NOTES);
  await desk.git("clone", "--quiet", "--bare", noted.folder, "noted.git");
  const bare = desk.at(join(desk.folder, "noted.git"));
  const before = await bare.git("rev-parse", "main");
  await noted.git("remote", "add", "origin", bare.folder);
  await noted.fettle("run", "note");
  await noted.fettle("reconcile");
  const delivered = await bare.git("rev-parse", "main");
  await bare.git("update-ref", "refs/heads/main", before);
  await desk.git("clone", "--quiet", "--no-local", bare.folder, "other");
  const other = desk.at(join(desk.folder, "other"));

  const there = await other.fettle("doctor", "--repair");
  const told = await noted.fettle("doctor");
  const repaired = await noted.fettle("doctor", "--repair");

  expect(delivered).not.toBe(before);
  expect(there.stdout).toContain(`in the clone that has it: git push origin ${delivered}`);
  expect([told.code, told.stdout]).toEqual([1, expect.stringContaining("main was set back")]);
  expect(repaired.stdout).toContain(`main is put back at the origin to ${delivered}`);
  expect(await bare.git("rev-parse", "main")).toBe(delivered);
  expect((await noted.fettle("doctor")).stdout).not.toContain("set back");
});
