/** Gits that never answer: they are ended, with what they have started still there, and whoever asked goes on. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { STATE } from "#runner/core/ref-names.ts";
import { git, type GitPlace } from "#runner/repo/git.ts";
import { fetchFromOrigin, readOrigin } from "#runner/repo/origin.ts";
import { pushRefs } from "#runner/repo/push.ts";
import { readWholeOrigin } from "#runner/repo/whole-origin.ts";
import { addOrigin, ENVIRONMENT, makeFolder, makeRepository } from "../support/git-repo.ts";
import { OPEN_WAY, serveHttp } from "../support/http-origin.ts";

/** Where a program is started instead of git. */
async function placeOf(script: string): Promise<GitPlace> {
  const { network } = await makeRepository().open();
  const folder = makeFolder();
  writeFileSync(join(folder, "git"), `#!/bin/sh\n${script}`);
  chmodSync(join(folder, "git"), 0o755);
  const PATH = `${folder}:${network.environment["PATH"] ?? ""}`;
  return { ...network, environment: { ...network.environment, PATH } };
}

/** It waits for another one, as git does for ssh; that one holds its pipes. */
async function hanging(): Promise<GitPlace> {
  const pids = join(makeFolder(), "pids");
  onTestFinished(() => void execFileSync("sh", ["-c", `xargs kill < '${pids}'`]));
  return placeOf(`sleep 60 &\necho $! >> '${pids}'\nwait\n`);
}

test("an interruption ends a git whose ssh lives on, and is no silence", async () => {
  const stop = new AbortController();
  const asked = git({ ...(await hanging()), signal: stop.signal }, ["ls-remote", "."]);

  setTimeout(() => stop.abort("interrupted"), 200);

  await expect(asked).rejects.toBe("interrupted");
});

test("an origin that does not answer in time is out of reach", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const network = { ...(await hanging()), silenceMs: 200 };

  const asked = await readOrigin({ ...(await operator.open()), network });

  expect(asked).toEqual({ kind: "unreachable", detail: "no answer within 0.2 s" });
});

test("one that goes on saying how far it is may take as long as it takes", async () => {
  const slow = await placeOf(
    "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do printf 'Writing objects: %s%%\\r' $n >&2; sleep 0.25; done\n",
  );

  const ended = await git({ ...slow, silenceMs: 2000 }, ["push"]);

  expect(ended).toMatchObject({ code: 0, stderr: "" });
});

test("what works here alone may be silent", async () => {
  const still = await placeOf("sleep 0.5\necho done\n");

  const ended = await git({ ...still, trust: "runner", silenceMs: 100 }, ["fsck"]);

  expect(String(ended.stdout)).toBe("done\n");
});

test("a push that nobody answers any more has an unknown end, and a fetch none", async () => {
  const operator = makeRepository();
  const bare = addOrigin(operator);
  bare.git("config", "http.receivepack", "true");
  let isSilent = true;
  const quiet = (): Promise<"answered"> =>
    isSilent ? new Promise(() => undefined) : Promise.resolve("answered");
  const origin = await serveHttp(dirname(bare.path), ENVIRONMENT["PATH"] ?? "", {
    ...OPEN_WAY,
    onPush: quiet,
  });
  onTestFinished(origin.close);
  operator.git("remote", "set-url", "origin", origin.url(basename(bare.path)));
  const repository = await operator.open();
  const silent = { ...repository, network: { ...repository.network, silenceMs: 500 } };
  const to = operator.git("rev-parse", "main");

  const first = await pushRefs(silent, [{ ref: STATE, from: null, to }]);
  isSilent = false;
  const second = await pushRefs(silent, [{ ref: STATE, from: null, to }]);

  expect(first).toEqual({ outcome: "unknown", detail: "no answer within 0.5 s" });
  expect(second.outcome).toBe("ok");
  expect(bare.git("rev-parse", STATE)).toBe(to);
});

test("what an origin says to people is told without how far it was", async () => {
  const operator = makeRepository();
  const origin = addOrigin(operator);
  const hook = join(origin.path, "hooks", "pre-receive");
  writeFileSync(hook, "#!/bin/sh\necho 'Not on a Friday: ask Grace.' >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  operator.commit({ "later.txt": "1" });
  const { network } = await operator.open();

  const pushed = await git(network, ["push", "--progress", `file://${origin.path}`, "main:other"]);

  expect(pushed.stderr).toContain("remote: Not on a Friday: ask Grace.");
  expect(pushed.stderr).not.toMatch(/objects|%|delta/i);
});

test("a push and a fetch are asked to say how far they are", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const network = await placeOf('case "$*" in *--progress*) ;; *) exit 3 ;; esac\n');
  const repository = { ...(await operator.open()), network };
  const to = operator.git("rev-parse", "main");

  expect(await pushRefs(repository, [{ ref: STATE, from: null, to }])).toMatchObject({
    outcome: "ok",
  });
  expect(await fetchFromOrigin(repository, { refs: [STATE] })).toEqual({ kind: "fetched" });
  expect(await readWholeOrigin(repository, new AbortController().signal)).toEqual({
    kind: "whole",
  });
});
