import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Agent, ContainerCall } from "#runner/schema/types.gen.ts";
import { type FakeProgram, fakeProgram } from "../support/fake-program.ts";
import { file, invocation, options, temporaryFolder } from "./invocation-builder.ts";

const IMAGE = `python:3.13@sha256:${"0".repeat(64)}`;

/** An engine that knows `version`, `info`, `rm` and `run`; a container is a process of its own with a pid file, as a daemon has it. */
const ENGINE = `
const pidFile = (name) => path.join(__dirname, name + ".pid");
const verb = args[0];
if (verb === "version" || verb === "info") { process.stdout.write("27.1.0\\n"); process.exit(0); }
if (verb === "rm") {
  try { process.kill(Number(fs.readFileSync(pidFile(args.at(-1)), "utf8")), "SIGKILL"); fs.rmSync(pidFile(args.at(-1))); } catch {}
  process.exit(0);
}
const mounts = Object.fromEntries(args.flatMap((arg) => { const m = /^type=bind,src=(.*),dst=(.*)$/.exec(arg); return m ? [[m[2], m[1]]] : []; }));
const image = args.findIndex((arg) => arg.includes("@sha256:"));
const [program, ...rest] = args.slice(image + 1);
const containerEnv = Object.fromEntries(args.flatMap((arg, index) => args[index - 1] === "--env" ? [arg.includes("=") ? arg.split("=") : [arg, env[arg]]] : []));
const { spawn } = require("node:child_process");
// As a daemon would: what it starts is none of the client's.
const clean = { ...containerEnv, PATH: env.PATH, WORK: mounts["/work"] };
const child = spawn(program, rest, { cwd: mounts["/work"], env: clean, detached: true, stdio: ["pipe", "inherit", "inherit"] });
child.on("error", () => process.exit(127));
if (child.pid) fs.writeFileSync(pidFile(args[args.indexOf("--name") + 1]), String(child.pid));
child.stdin.on("error", () => {});
child.stdin.end(stdin);
child.on("exit", (code) => process.exit(code ?? 137));
`;

function fakeEngine(name: "docker" | "podman" = "docker"): FakeProgram {
  return fakeProgram(name, ENGINE);
}

interface Given {
  readonly more?: Partial<Invocation>;
  readonly agent?: Partial<Agent>;
  readonly container?: Partial<ContainerCall>;
}

/** Only the fakes and Node are in the search path: no engine of this machine takes part. */
function run(
  fakes: readonly FakeProgram[],
  source: string,
  { more = {}, agent = {}, container = {} }: Given = {},
): Promise<Result> {
  const command: ContainerCall["command"] = ["node", "agents/tester/main.mjs"];
  const files = [file("agents/tester/main.mjs", source), ...(more.files ?? [])];
  return execute(
    invocation(
      { runtime: { container: { image: IMAGE, command, ...container } }, ...agent },
      { ...more, files },
    ),
    options({ programPath: fakes.map(({ folder }) => folder).join(":") }),
  );
}

const ANSWER = `process.stdout.write(JSON.stringify({ outputs: { answer: "yes" } }));`;

function runArgs(fake: FakeProgram): readonly string[] {
  return fake.starts().find(({ args }) => args[0] === "run")?.args ?? [];
}

function after(args: readonly string[], flag: string): string | undefined {
  return args[args.indexOf(flag) + 1];
}

test("a program in a container is spoken to like a command", async () => {
  const fake = fakeEngine();
  const source = `import { readFileSync } from "node:fs";
    const { inputs, checkpointFolder } = JSON.parse(readFileSync(0, "utf8"));
    process.stdout.write(JSON.stringify({ outputs: { answer: inputs.name + checkpointFolder } }));`;

  const result = await run([fake], source, { more: { inputs: { name: "Ada" } } });

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "Ada/checkpoints" },
    rung: "container",
  });
});

test("a container has no network, no rights and nothing to write to but its folder", async () => {
  const fake = fakeEngine();

  await run([fake], ANSWER, { container: { memoryMb: 256, cpus: 0.5 } });

  const args = runArgs(fake);
  expect(args).toEqual(expect.arrayContaining(["--rm", "--init", "--interactive", "--read-only"]));
  expect(after(args, "--network")).toBe("none");
  expect(after(args, "--cap-drop")).toBe("ALL");
  expect(after(args, "--security-opt")).toBe("no-new-privileges");
  expect(after(args, "--pids-limit")).toBe("256");
  expect(after(args, "--memory")).toBe("256m");
  expect(after(args, "--memory-swap")).toBe("256m");
  expect(after(args, "--cpus")).toBe("0.5");
  expect(after(args, "--user")).toBe(`${process.getuid?.()}:${process.getgid?.()}`);
  expect(args.filter((arg) => arg.startsWith("type=bind"))).toHaveLength(2);
  expect(args.slice(-3)).toEqual([IMAGE, "node", "agents/tester/main.mjs"]);
});

test("the value of a secret stands in no argument", async () => {
  const fake = fakeEngine();
  const source = `process.stdout.write(JSON.stringify({ outputs: { answer: String(process.env.TOKEN.length) } }));`;

  const result = await run([fake], source, {
    agent: { secrets: ["TOKEN"] },
    more: { secrets: { TOKEN: "a-long-secret" } },
  });

  expect(result.outputs).toEqual({ answer: "13" });
  expect(JSON.stringify(fake.starts().map(({ args }) => args))).not.toContain("a-long-secret");
});

test("the files that a container made are taken where the agent may write them", async () => {
  const source = `import { writeFileSync } from "node:fs"; writeFileSync("out.txt", "made"); ${ANSWER}`;

  const taken = await run([fakeEngine()], source, { more: { writes: ["*.txt"] } });
  const refused = await run([fakeEngine()], source);

  expect(taken.files.map(({ path }) => path)).toEqual(["out.txt"]);
  expect(refused).toMatchObject({ outcome: "permission-denied", files: [] });
});

test("a container that outlives its client is removed by its name at the deadline", async () => {
  const fake = fakeEngine();

  const result = await run([fake], `setInterval(() => {}, 1000);`, {
    agent: { limits: { usd: 0, wall: "2s" } },
  });

  expect(result.outcome).toBe("timeout");
  const name = after(runArgs(fake), "--name");
  expect(fake.starts().at(-1)?.args).toEqual(["rm", "--force", name]);
  expect(readdirSync(fake.folder).filter((entry) => entry.endsWith(".pid"))).toEqual([]);
});

test("one that an earlier attempt left behind is removed before the next begins", async () => {
  const fake = fakeEngine();

  await run([fake], ANSWER);

  const verbs = fake.starts().map(({ args }) => args[0]);
  expect(verbs.slice(verbs.indexOf("rm"))).toEqual(["rm", "run", "rm"]);
});

test("podman is used where docker does not answer", async () => {
  const docker = fakeProgram("docker", `console.error("no daemon"); process.exit(1);`);
  const podman = fakeEngine("podman");

  const result = await run([docker, podman], ANSWER);

  expect(result.outcome).toBe("succeeded");
  expect(runArgs(podman)).not.toEqual([]);
});

test("without an engine a container is a missing tool that says what was tried", async () => {
  const docker = fakeProgram("docker", `console.error("no daemon"); process.exit(1);`);

  const result = await run([docker], ANSWER);

  expect(result).toMatchObject({
    outcome: "missing-tool",
    reason:
      "no container can be run here: docker does not answer (no daemon); podman is not installed; start the daemon, or give the agent a fallback",
    started: false,
  });
});

test.each([125, 126, 127])("exit code %i of the engine is a missing tool", async (code) => {
  const fake = fakeProgram(
    "docker",
    `if (args[0] === "run") { console.error("Error: no such image"); process.exit(${code}); } process.stdout.write("27.1.0");`,
  );

  const result = await run([fake], ANSWER);

  expect(result).toMatchObject({
    outcome: "missing-tool",
    reason: `it could not be started: exit code ${code}: Error: no such image`,
  });
});

test("nothing of an attempt is left in the folder of attempts", async () => {
  const workRoot = temporaryFolder();
  const fake = fakeEngine();

  await execute(
    invocation(
      { runtime: { container: { image: IMAGE, command: ["node", "agents/tester/main.mjs"] } } },
      { files: [file("agents/tester/main.mjs", ANSWER)] },
    ),
    options({ workRoot, programPath: fake.folder }),
  );

  expect(existsSync(workRoot)).toBe(true);
  expect(readdirSync(workRoot)).toEqual([]);
});
