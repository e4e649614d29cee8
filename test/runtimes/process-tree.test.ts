import { existsSync, readdirSync, readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { execute, type ExecuteOptions } from "#runner/runtimes/execute.ts";
import type { Result } from "#runner/runtimes/invocation.ts";
import {
  endsWithRunner,
  probeProcessCage,
  type ProcessCage,
} from "#runner/runtimes/process-cage.ts";
import { killMarked, killOrphans, newMark } from "#runner/runtimes/process-mark.ts";
import { file, invocation, options, PROGRAM_PATH, temporaryFolder } from "./invocation-builder.ts";

const hasProc = existsSync("/proc/self/environ");
const cage = await probeProcessCage(PROGRAM_PATH);
const PLACES: readonly (readonly [string, ProcessCage])[] = [
  ["without a namespace", []],
  ...(cage.length === 0 ? [] : [["in a namespace", cage] as const]),
];

/** Numbers of the running processes with the word among their arguments. */
function running(word: string): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && argumentsOf(pid).includes(word));
}

function argumentsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** Ways to leave something behind; `$1` is the word by which it is found. */
const ESCAPES: readonly (readonly [string, string])[] = [
  ["a background child", `sh -c 'sleep 60' "$1" >/dev/null 2>&1 &`],
  ["a child with a session of its own", `setsid sh -c 'sleep 60; :' "$1" >/dev/null 2>&1 &`],
  [
    "a daemon, forked twice",
    `(setsid sh -c '(sh -c "sleep 60; :" "$0" &) ; sleep 0.1' "$1" >/dev/null 2>&1 &)`,
  ],
  [
    "a child that ignores every signal that can be ignored",
    `setsid sh -c 'trap "" TERM INT HUP QUIT; while :; do sleep 1; done' "$1" >/dev/null 2>&1 &`,
  ],
  ["a daemon that holds the pipes", `(setsid sh -c 'sleep 60; :' "$1" &)`],
  ["a child without an environment", `env -i setsid sh -c 'sleep 60; :' "$1" >/dev/null 2>&1 &`],
];

/** An agent that leaves something behind and goes on for ever. */
function escaping(escape: string, word: string, more: Partial<ExecuteOptions>): Promise<Result> {
  const text = `set -- agent ${word}\n${escape}\necho "$$" > started\nwhile :; do sleep 0.05; done\n`;
  const call = invocation(
    { runtime: { command: ["sh", "agents/tester/main.sh"] }, limits: { usd: 0, wall: "20s" } },
    { files: [file("agents/tester/main.sh", text.replaceAll("$1", "$2"))], timeoutMs: 800 },
  );
  return execute(call, options(more));
}

test
  .skipIf(!hasProc)
  .each(
    PLACES.flatMap(([place, of]) => ESCAPES.map(([what, escape]) => ({ place, of, what, escape }))),
  )("at the deadline $place nothing is left of $what", async ({ of, escape }) => {
  const word = `word-${randomUUID()}`;

  const result = await escaping(escape, word, { cage: of });

  expect(result.outcome).toBe("timeout");
  // The kernel ends what is in a namespace a moment after its first process.
  await vi.waitFor(() => expect(running(word)).toEqual([]), 60_000);
});

test.skipIf(!hasProc)("what an agent left behind is gone when it has answered, too", async () => {
  const word = `word-${randomUUID()}`;
  const text = `setsid sh -c 'sleep 60; :' ${word} >/dev/null 2>&1 &\nsleep 0.2\nprintf '{"outputs":{"answer":"yes"}}'\n`;
  const call = invocation(
    { runtime: { command: ["sh", "agents/tester/main.sh"] } },
    { files: [file("agents/tester/main.sh", text)] },
  );

  expect((await execute(call, options({ cage: [] }))).outcome).toBe("succeeded");
  expect(running(word)).toEqual([]);
});

function begin(env: Readonly<Record<string, string>>): ReturnType<typeof spawn> {
  const child = spawn("sleep", ["60"], { env, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test.skipIf(!hasProc)("only what carries the mark is killed", async () => {
  const [mine, other] = [newMark(), newMark()];
  const [marked, spared] = [begin({ ...mine.env }), begin({ ...other.env })];

  const gone = once(marked, "exit");
  killMarked(mine.mark);
  killOrphans();
  await gone;

  expect(marked.signalCode).toBe("SIGKILL");
  expect(spared.signalCode).toBe(null);
});

/** A runner of its own that executes an agent which never ends; told to end once the agent has begun. */
async function endedRunner(
  word: string,
  of: ProcessCage,
  signal: "SIGKILL" | "SIGTERM" = "SIGKILL",
): Promise<void> {
  const begun = join(temporaryFolder(), "begun");
  const source = `
import { execute } from "${process.cwd()}/runner/runtimes/execute.ts";
const [word, begun, workRoot, cage] = process.argv.slice(1);
process.on("SIGTERM", () => process.exit(143));
const text = 'setsid sh -c "echo > ' + begun + '; sleep 60; :" ' + word + ' & while :; do sleep 0.05; done';
const runtime = { command: ["sh", "-c", text] };
const manifest = { apiVersion: "fettle/v1", version: "1.0.0", role: "-", runtime, inputs: { type: "object" }, outputs: { type: "object" }, limits: { usd: 0, wall: "60s" } };
await execute(
  { run: "r", step: "s", item: null, attempt: 1, key: "k", project: "p", projectDir: "p", asOf: "-",
    agent: { name: "a", tree: "0", manifest }, inputs: {}, files: [], writes: [], memory: [], secrets: {}, models: {}, timeoutMs: 60000 },
  { signal: new AbortController().signal, workRoot, programPath: "${PROGRAM_PATH}", cage: JSON.parse(cage) },
);`;
  const args = ["--input-type=module", "-e", source, word, begun, temporaryFolder()];
  const runner = spawn(process.execPath, [...args, JSON.stringify(of)], { stdio: "inherit" });
  onTestFinished(() => void runner.kill("SIGKILL"));
  while (!existsSync(begun) && runner.exitCode === null) await sleep(10);
  const gone = once(runner, "exit");
  runner.kill(signal);
  await gone;
}

/** What still runs when the kernel has had a moment to end what dies with something else. */
async function left(word: string): Promise<readonly number[]> {
  for (let tries = 0; running(word).length > 0 && tries < 200; tries += 1) await sleep(10);
  return running(word);
}

test.skipIf(!hasProc || !endsWithRunner(cage))(
  "in a namespace all that an agent started dies with its runner, by kill -9 too",
  async () => {
    const word = `word-${randomUUID()}`;

    await endedRunner(word, cage);

    expect(await left(word)).toEqual([]);
  },
);

test.skipIf(!hasProc)(
  "without a namespace what a killed runner left behind is killed by the next one on the machine",
  async () => {
    const word = `word-${randomUUID()}`;
    await endedRunner(word, []);
    expect(running(word)).not.toEqual([]);

    killOrphans();

    expect(await left(word)).toEqual([]);
  },
);

test.skipIf(!hasProc)("a runner that ends at once takes its agents along", async () => {
  const word = `word-${randomUUID()}`;

  await endedRunner(word, [], "SIGTERM");

  expect(await left(word)).toEqual([]);
});
