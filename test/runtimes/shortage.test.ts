/** Programs that this machine cannot start: nothing has happened, and it is no failure of the agent where it has no room. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "#runner/runtimes/program.ts";
import { neverBegun } from "#runner/runtimes/program-verdict.ts";
import { temporaryFolder } from "./invocation-builder.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Runs the lines in a process that can open no further file. */
function withoutFiles(imports: string, lines: string): unknown {
  const script = `import { openSync } from "node:fs";${imports}
    try { for (;;) openSync("/dev/null"); } catch {}
    ${lines}`;
  const node = [process.execPath, "--input-type=module", "--eval", script];
  const args = ["-c", 'ulimit -n 64; exec "$@"', "sh", ...node];
  return JSON.parse(execFileSync("sh", args, { cwd: ROOT, encoding: "utf8" }));
}

test("where no file can be opened any more, an agent is not started and git tells it", () => {
  const told = withoutFiles(
    `import { runProgram } from "#runner/runtimes/program.ts";
     import { git } from "#runner/repo/git.ts";
     import { GitProcess } from "#runner/repo/git-process.ts";
     import { RefTransactions } from "#runner/repo/ref-transaction.ts";
     import { changeLog } from "#runner/repo/change-log.ts";`,
    `const program = { argv: ["/bin/true"], cwd: "/", env: {}, stdin: "", cage: ["setpriv"], wallMs: 9e3, stdoutBytes: 9 };
     const agent = await runProgram(program, new AbortController().signal);
     const place = { trust: "runner", gitDir: "/", environment: {} };
     const once = await git(place, ["version"]).catch(({ code }) => code);
     const code = await Promise.try(() => new GitProcess(place, [])).catch((error) => error.code);
     const create = { ref: "refs/heads/fettle/new", from: null, to: "0".repeat(40) };
     const refs = await new RefTransactions(place).run([create]).catch((error) => error.code);
     const log = await Array.fromAsync(changeLog({ own: place }, "main")).catch((error) => error.code);
     console.log(JSON.stringify({ agent: agent.notStarted, once, code, refs, log }));`,
  );

  expect(told).toEqual({
    agent: { kind: "not-started", why: "spawn setpriv EMFILE", isShort: true },
    once: "EMFILE",
    code: "EMFILE",
    refs: "EMFILE",
    log: "EMFILE",
  });
});

test("a server of tools that finds no room is no missing tool", () => {
  const opened = withoutFiles(
    `import { openToolServer } from "#runner/runtimes/tool-server.ts";`,
    `const invocation = { secrets: {}, models: {} };
     const call = { signal: new AbortController().signal, remainingMs: () => 9e3, invocation };
     const place = { call, folder: { work: "/", home: "/", tmp: "/" }, path: "/bin:/usr/bin", cage: ["setpriv"] };
     console.log(JSON.stringify(await openToolServer({ name: "shelf", command: ["true"], allow: [] }, place)));`,
  );

  expect(opened).toEqual({
    ok: false,
    outcome: "rate-limited",
    reason: "shelf does not answer: spawn setpriv EMFILE",
  });
});

test("what a machine offers is asked again after a moment in which it had no room", () => {
  const found = withoutFiles(
    `import { closeSync } from "node:fs";
     import { probeProcessCage } from "#runner/runtimes/process-cage.ts";`,
    `const short = await probeProcessCage("/usr/bin:/bin");
     for (let file = 40; file < 64; file += 1) closeSync(file);
     const [later, other] = await Promise.all(["/usr/bin:/bin", "/bin:/usr/bin"].map(probeProcessCage));
     console.log(JSON.stringify({ short, isTheSame: String(later) === String(other) }));`,
  );

  expect(found).toEqual({ short: [], isTheSame: true });
});

test("what cannot be started for another reason has begun nothing either", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "plain");
  writeFileSync(file, "#!/bin/sh\n", { mode: 0o644 });
  const program = { argv: [file], cwd: folder, env: {}, stdin: "", cage: [] } as const;

  const end = await runProgram(
    { ...program, wallMs: 9000, stdoutBytes: 9 },
    new AbortController().signal,
  );

  expect(end).toMatchObject({
    failure: `it could not be started: spawn ${file} EACCES`,
    notStarted: { isShort: false },
  });
});

test.each([
  [true, "rate-limited"],
  [false, "crashed"],
])("an attempt that never began (no room: %s) is %s", (isShort, outcome) => {
  const result = neverBegun({ kind: "not-started", why: "spawn sh E", isShort });

  expect(result).toMatchObject({ outcome, started: false });
});
