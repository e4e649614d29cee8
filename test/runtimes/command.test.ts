import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import { probeProcessCage } from "#runner/runtimes/process-cage.ts";
import {
  ANSWER,
  file,
  invocation,
  options,
  PROGRAM_PATH,
  program,
  temporaryFolder,
} from "./invocation-builder.ts";

const PRINT = `const print = (reply) => process.stdout.write(JSON.stringify(reply));
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { spawn } from "node:child_process";
const input = JSON.parse(readFileSync(0, "utf8"));
`;

/** True while the process runs; a zombie does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("an agent gets its request on standard input and answers on standard output", async () => {
  const source = `${PRINT}
    const { inputs, asOf, project, effect, item, memory } = input;
    print({ outputs: { answer: JSON.stringify([inputs, asOf, project, effect, item, memory.length]) },
      memory: [{ kind: "fact" }], rationale: "because", receipt: { id: 1 } });`;

  const result = await execute(
    program(source, { inputs: { a: 1 }, effectKey: "sha256:k" }),
    options(),
  );

  expect(result).toMatchObject({
    outcome: "succeeded",
    reason: "",
    memory: [{ kind: "fact" }],
    rationale: "because",
    receipt: { id: 1 },
    rung: "command",
    log: "",
  });
  expect(result.outputs).toEqual({
    answer: JSON.stringify([
      { a: 1 },
      "2026-11-22T08:00:00.000Z",
      { name: "studio", dir: "projects/studio" },
      { key: "sha256:k", resume: false, askOnly: false },
      null,
      0,
    ]),
  });
  expect(result).not.toHaveProperty("degraded");
});

test.each([
  [90, 90_000],
  ["90", 90_000],
  [-1, 0],
  ["whenever", undefined],
])(
  "an agent that says rate-limited with retryAfter %j is to come back after %s ms",
  async (said, ms) => {
    const source = `${PRINT} print({ outcome: "rate-limited", retryAfter: ${JSON.stringify(said)}, rationale: "429" });`;

    const result = await execute(program(source), options());

    expect(result).toMatchObject({ outcome: "rate-limited", reason: "429", outputs: null });
    expect(result.retryAfterMs).toBe(ms);
  },
);

test("retryAfter of another outcome means nothing, and one that is no time is refused", async () => {
  const early = `${PRINT} print({ outputs: { answer: "done" }, retryAfter: 90 });`;
  const odd = `${PRINT} print({ outcome: "rate-limited", retryAfter: { s: 1 } });`;

  expect(await execute(program(early), options())).not.toHaveProperty("retryAfterMs");
  expect(await execute(program(odd), options())).toMatchObject({
    outcome: "schema-invalid",
    reason: expect.stringContaining('has no use for its field "retryAfter"'),
  });
});

test("the environment holds declared secrets and nothing else of ours", async () => {
  const source = `${PRINT}
    const own = Object.keys(process.env).sort().join(" ");
    print({ outputs: { answer: own + " " + (process.env.TOKEN === "hunter2-hunter2") } });`;
  const secrets = { TOKEN: "hunter2-hunter2", MODEL_KEY: "not for programs" };

  const result = await execute(program(source, { secrets }, { secrets: ["TOKEN"] }), options());

  expect(result.outputs).toEqual({ answer: "HOME LANG PATH TMPDIR TOKEN TZ true" });
});

test("the folder of an attempt is removed, also when the agent closed it", async () => {
  const site = options();
  const source = `${PRINT} import { chmodSync } from "node:fs"; mkdirSync("x/y", { recursive: true }); chmodSync("x", 0);
    print({ outputs: { answer: "done" } });`;

  const result = await execute(program(source), site);

  expect(result.outcome).toMatch(/succeeded|permission-denied/); // root may read it all the same
  expect(readdirSync(site.workRoot)).toEqual([]);
});

test("files that an agent makes or changes come back; what it leaves alone or deletes does not", async () => {
  const source = `${PRINT} import { rmSync } from "node:fs";
    mkdirSync("out/deep", { recursive: true });
    writeFileSync("out/deep/new.txt", "new"); writeFileSync("out/log.csv", readFileSync("out/log.csv") + "b\\n");
    writeFileSync("out/same.txt", "same"); rmSync("out/gone.txt");
    print({ outputs: { answer: "done" } });`;
  const files = [
    file("out/log.csv", "a\n"),
    file("out/same.txt", "same"),
    file("out/gone.txt", "x"),
  ];

  const result = await execute(program(source, { files, writes: ["out/**"] }), options());

  const made = result.files.map(({ path, content }) => [path, new TextDecoder().decode(content)]);
  expect(made).toEqual([
    ["out/deep/new.txt", "new"],
    ["out/log.csv", "a\nb\n"],
  ]);
});

test.each([
  [
    "a failing exit code spoils the answer",
    `${ANSWER} console.error("Error: broken"); process.exitCode = 3;`,
    "crashed",
    "exit code 3: Error: broken",
  ],
  [
    "an empty answer is none",
    ``,
    "schema-invalid",
    "the answer on standard output is no JSON: it is empty",
  ],
  [
    "talk is no answer",
    `console.log("hello");`,
    "schema-invalid",
    'the answer on standard output is no JSON: it begins "hello\\n"',
  ],
  [
    "an answer with a number that nobody can keep is none",
    `console.log('{"outputs":{"n":1e999}}');`,
    "schema-invalid",
    'the answer on standard output holds a number that is too large: it begins "{\\"outputs\\":{\\"n\\":1e999}}\\n"',
  ],
  [
    "a number with an exponent is one like others",
    `console.log('{"outputs":' + JSON.stringify({ n: 1e21 }) + ',"output":1}');`,
    "schema-invalid",
    'the answer on standard output has no use for its field "output": it begins "{\\"outputs\\":{\\"n\\":1e+21},\\"output\\":1}\\n"',
  ],
  [
    "a list is no answer",
    `console.log("[]");`,
    "schema-invalid",
    'the answer on standard output is no JSON object: it begins "[]\\n"',
  ],
  [
    "an unknown field is no answer",
    `console.log('{"output":{}}');`,
    "schema-invalid",
    'the answer on standard output has no use for its field "output": it begins "{\\"output\\":{}}\\n"',
  ],
  [
    "an agent cannot declare itself approved",
    `console.log('{"outcome":"approved"}');`,
    "schema-invalid",
    'the answer on standard output has no use for its field "outcome": it begins "{\\"outcome\\":\\"approved\\"}\\n"',
  ],
  [
    "outputs that break the schema are refused",
    `console.log('{"outputs":{"answer":1}}');`,
    "schema-invalid",
    "outputs: /answer must be string",
  ],
  [
    "missing data is the agent's own word",
    `console.log('{"outcome":"missing-data","rationale":"line 3"}');`,
    "missing-data",
    "line 3",
  ],
])("%s", async (_, source, ...[outcome, reason]) => {
  const result = await execute(program(source), options());

  expect(result).toMatchObject({ outcome, reason, outputs: null, files: [] });
});

test("a program that is not there is a missing tool", async () => {
  const result = await execute(
    invocation({ runtime: { command: ["no-such-program"] } }),
    options(),
  );

  expect(result).toMatchObject({
    outcome: "missing-tool",
    reason: "there is no program no-such-program",
  });
});

test("an agent that prints without end is stopped at its cap", async () => {
  const source = `const line = "x".repeat(65536); const more = () => { while (process.stdout.write(line)); process.stdout.once("drain", more); }; more();`;

  const result = await execute(
    program(source, {}, { limits: { usd: 0, wall: "20s", outputKb: 100 } }),
    options(),
  );

  expect(result).toMatchObject({
    outcome: "schema-invalid",
    reason: "it printed more than 100 KiB",
  });
});

test("an agent that floods standard error is stopped, and the log keeps the last 8 KiB", async () => {
  const source = `const line = "e".repeat(65535) + "\\n"; const more = () => { while (process.stderr.write(line)); process.stderr.once("drain", more); }; more();`;

  const result = await execute(program(source), options());

  expect(result).toMatchObject({
    outcome: "crashed",
    reason: "it printed more than 16 MiB of errors",
  });
  expect(result.log.length).toBe(8192);
});

/** Starts a process that ignores TERM and holds both pipes, writes its id to the file `pid`, and goes on. */
const forking = (then: string): string => `${PRINT}
  process.on("SIGTERM", () => {});
  const held = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ["-e", held], { stdio: "inherit" });
  child.unref();
  writeFileSync(input.inputs.pid, String(child.pid));
  ${then}`;

test("at the deadline everything that the agent started is killed, TERM handlers or not", async () => {
  const pid = join(temporaryFolder(), "pid");
  const call = program(forking("setInterval(() => {}, 1000);"), {
    inputs: { pid },
    timeoutMs: 1500,
  });

  const result = await execute(call, options({ cage: [] }));

  expect(result).toMatchObject({
    outcome: "timeout",
    reason: "it did not end in time and was killed",
  });
  expect(isAlive(Number(readFileSync(pid, "utf8")))).toBe(false);
});

test("a grandchild that holds the pipes does not hold up the answer, and dies", async () => {
  const pid = join(temporaryFolder(), "pid");
  const call = program(forking(`print({ outputs: { answer: "done" } });`), { inputs: { pid } });

  const result = await execute(call, options({ cage: [] }));

  expect(result).toMatchObject({ outcome: "succeeded", outputs: { answer: "done" } });
  expect(isAlive(Number(readFileSync(pid, "utf8")))).toBe(false);
});

test("the deadline holds in a cage too", async () => {
  const result = await execute(
    program("setInterval(() => {}, 1000);", {}, { limits: { usd: 0, wall: "1s" } }),
    options(),
  );

  expect(result.outcome).toBe("timeout");
});

const cage = await probeProcessCage(PROGRAM_PATH);

test.skipIf(cage.length === 0)(
  "in a cage a process with a session of its own does not outlive its agent",
  async () => {
    const beat = join(temporaryFolder(), "beat");
    const source = `${PRINT}
    const child = spawn(process.execPath, ["-e", "setInterval(() => require('fs').appendFileSync(process.argv[1], '.'), 20)", input.inputs.beat], { detached: true, stdio: "inherit" });
    child.unref();
    const { existsSync } = await import("node:fs");
    while (!existsSync(input.inputs.beat)) await new Promise((resolve) => setTimeout(resolve, 10));
    print({ outputs: { answer: "done" } });`;

    const result = await execute(program(source, { inputs: { beat } }), options());

    expect(result.outcome).toBe("succeeded");
    const size = readFileSync(beat).length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(readFileSync(beat).length).toBe(size);
  },
);

test("an abort kills the agent and says so", async () => {
  const controller = new AbortController();
  const started = join(temporaryFolder(), "started");
  const source = `${PRINT} writeFileSync(input.inputs.started, ""); setInterval(() => {}, 1000);`;

  const running = execute(
    program(source, { inputs: { started } }),
    options({ signal: controller.signal }),
  );
  while (!existsSync(started)) await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort();

  expect(await running).toMatchObject({ outcome: "cancelled", reason: "it was stopped" });
});

test("an external effect that was started and failed is uncertain where nobody can tell", async () => {
  const source = `process.exitCode = 1;`;
  const run = (idempotency: "none" | "native") =>
    execute(
      program(source, { effectKey: "sha256:k" }, { effects: "external", idempotency }),
      options(),
    );

  expect((await run("none")).outcome).toBe("uncertain");
  expect((await run("native")).outcome).toBe("crashed");
});

test("an external effect whose program could not be started has not happened", async () => {
  const manifest = { effects: "external", idempotency: "none" } as const;
  const never = program("", { effectKey: "sha256:k" }, manifest);

  const result = await execute(never, { ...options(), cage: ["/no/such/cage"] });

  expect(result).toMatchObject({
    outcome: "crashed",
    reason: "it could not be started: spawn /no/such/cage ENOENT",
    started: false,
  });
});
