import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { runProgram } from "#runner/runtimes/program.ts";
import { PROGRAM_PATH, temporaryFolder } from "./invocation-builder.ts";

/** Does nothing else for so long, as a large plan does. */
function beBusy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/**
 * A program that prints and ends while this process is busy with what another one printed: the ends of both are told before
 * the pipe of the first is looked at, and whoever hears of the other's end takes long.
 */
test("what a program has printed is read however busy this process is when it ends", async () => {
  const text = "x".repeat(50_000);
  const signal = new AbortController().signal;
  const program = runProgram(
    {
      argv: ["/bin/sh", "-c", `sleep 0.5; printf '${text}'`],
      cwd: temporaryFolder(),
      env: { PATH: PROGRAM_PATH },
      stdin: "",
      cage: [],
      wallMs: 20_000,
      stdoutBytes: 100_000,
    },
    signal,
  );
  const other = spawn("/bin/echo", ["done"], { stdio: ["ignore", "pipe", "ignore"] });
  other.stdout.on("data", () => beBusy(1000));
  other.on("exit", () => beBusy(600));
  beBusy(200);

  const { stdout, failure } = await program;

  expect({ bytes: stdout.length, failure }).toEqual({ bytes: text.length, failure: undefined });
});

/** As a supervisor does it that ends a whole tree from its leaves on. */
test.each([
  ["is stopped in that moment was stopped, too", 20_000, "cancelled"],
  ["goes on has failed by itself", 0, undefined],
])("what fails while its runner %s", async (_, momentMs, stop) => {
  const stopped = new AbortController();
  const cwd = temporaryFolder();
  const program = runProgram(
    {
      argv: ["/bin/sh", "-c", "touch begun; exit 7"],
      cwd,
      env: { PATH: PROGRAM_PATH },
      stdin: "",
      cage: [],
      wallMs: 20_000,
      stdoutBytes: 100_000,
      momentMs,
    },
    stopped.signal,
  );
  await vi.waitUntil(() => existsSync(join(cwd, "begun")), 60_000);
  await sleep(300);

  stopped.abort();

  expect(await program).toMatchObject({ stop, failure: "exit code 7" });
});
