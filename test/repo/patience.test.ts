/** Gits that never answer: they are ended, with what they have started still there, and whoever asked goes on. */
import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { git, type GitPlace } from "#runner/repo/git.ts";
import { readOrigin } from "#runner/repo/origin.ts";
import { gitWithin } from "#runner/repo/patience.ts";
import { addOrigin, makeFolder, makeRepository } from "../support/git-repo.ts";

/** Instead of git a program that waits for another one, as git does for ssh; that one holds its pipes. */
async function hanging(): Promise<GitPlace> {
  const { network } = await makeRepository().open();
  const folder = makeFolder();
  const pids = join(folder, "pids");
  writeFileSync(join(folder, "git"), `#!/bin/sh\nsleep 60 &\necho $! >> '${pids}'\nwait\n`);
  chmodSync(join(folder, "git"), 0o755);
  onTestFinished(() => void execFileSync("sh", ["-c", `xargs kill < '${pids}'`]));
  const PATH = `${folder}:${network.environment["PATH"] ?? ""}`;
  return { ...network, environment: { ...network.environment, PATH } };
}

test("an interruption ends a git whose ssh lives on", async () => {
  const stop = new AbortController();
  const asked = git({ ...(await hanging()), signal: stop.signal }, ["ls-remote", "."]);

  setTimeout(() => stop.abort("interrupted"), 200);

  await expect(asked).rejects.toBe("interrupted");
});

test("an origin that does not answer in time is out of reach", async () => {
  const operator = makeRepository();
  addOrigin(operator);
  const repository = { ...(await operator.open()), network: await hanging() };

  const asked = await readOrigin(repository, undefined, { patienceMs: 200 });

  expect(asked).toEqual({ kind: "unreachable", detail: "no answer within 0.2 s" });
});

test("an interruption is none", async () => {
  const stop = new AbortController();
  const asked = gitWithin(60_000, { ...(await hanging()), signal: stop.signal }, [
    "ls-remote",
    ".",
  ]);

  setTimeout(() => stop.abort("interrupted"), 200);

  await expect(asked).rejects.toBe("interrupted");
});
