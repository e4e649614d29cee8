import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { fakeProgram } from "../support/fake-program.ts";
import { serveProvider } from "../support/provider/provider.ts";
import { fails, says } from "../support/provider/scene.ts";
import { claudeSays, KEY, NAMES, NOTE, replay, run } from "./coding-agent-run.ts";
import { file } from "./invocation-builder.ts";

test.each(NAMES)("%s gets the prompt on standard input, and no key", async (name) => {
  const fake = fakeProgram(name, replay(`${name}-answer`));

  const result = await run(fake, { name });

  const [start] = fake.starts();
  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "yes" },
    rung: `${name}:coder`,
  });
  expect(start?.stdin).toContain("Answers.\n\nWrite to Ada.\n\nDo not make or change any file.");
  expect(JSON.stringify(start)).not.toContain(KEY);
});

test("a coding agent that could not be started has begun nothing", async () => {
  const fake = fakeProgram("claude", replay("claude-answer"));

  const result = await run(fake, { site: { cage: ["/nonexistent/cage"] } });

  expect(result).toMatchObject({
    outcome: "crashed",
    reason: expect.stringContaining("it could not be started: spawn /nonexistent/cage ENOENT"),
    started: false,
  });
  expect(fake.starts()).toEqual([]);
});

test("the environment of a coding agent is made from nothing", async () => {
  const fake = fakeProgram("claude", replay("claude-answer"));

  await run(fake);

  const { PATH: _, PWD: _pwd, SHLVL: _level, ...env } = fake.starts()[0]?.env ?? {};
  expect(
    Object.keys(env).filter((name) => !/^(ANTHROPIC|CLAUDE|DISABLE|FETTLE|_$)/.test(name)),
  ).toEqual(expect.arrayContaining(["HOME", "TMPDIR", "LANG", "TZ"]));
  expect(env["HOME"]).toMatch(/attempt-[^/]+\/home$/);
  expect(Object.keys(env)).not.toContain("npm_config_user_agent");
});

test.each([
  ["claude", "read-only", ["--permission-mode", "dontAsk"]],
  ["claude", "edit", ["--permission-mode", "acceptEdits"]],
  ["claude", "full", ["--allowedTools", "Bash"]],
  ["gemini", "read-only", ["--approval-mode", "default"]],
  ["gemini", "edit", ["--approval-mode", "auto_edit"]],
  ["gemini", "full", ["--approval-mode", "yolo"]],
] as const)("%s with permissions %s is started with %j", async (name, permissions, flags) => {
  const fake = fakeProgram(name, replay(`${name}-answer`));

  await run(fake, { name, rung: { permissions } });

  const args = fake.starts()[0]?.args ?? [];
  expect(args.slice(args.indexOf(flags[0]), args.indexOf(flags[0]) + 2)).toEqual(flags);
  expect(args).not.toContain("--dangerously-skip-permissions");
});

test.each([
  ["read-only", "read-only"],
  ["edit", "workspace-write"],
  ["full", "danger-full-access"],
] as const)("codex with permissions %s has the sandbox %s", async (permissions, sandbox) => {
  const source = `fs.appendFileSync(path.join(__dirname, "config"), fs.readFileSync(env.CODEX_HOME + "/config.toml"));`;
  const fake = fakeProgram("codex", source + replay("codex-answer"));

  await run(fake, { name: "codex", rung: { permissions } });

  const config = readFileSync(`${fake.folder}/config`, "utf8");
  expect(config).toContain(`sandbox_mode = "${sandbox}"`);
  expect(config).toContain("request_max_retries = 0");
});

test.each([
  ["read-only", { edit: "deny", bash: "deny" }],
  ["edit", { edit: "allow", bash: "deny" }],
  ["full", { edit: "allow", bash: "allow" }],
] as const)("opencode with permissions %s has %j", async (permissions, expected) => {
  const source = `fs.appendFileSync(path.join(__dirname, "config"), fs.readFileSync(env.OPENCODE_CONFIG));`;
  const fake = fakeProgram("opencode", source + replay("opencode-answer"));

  await run(fake, { name: "opencode", rung: { permissions } });

  const config = JSON.parse(readFileSync(`${fake.folder}/config`, "utf8"));
  expect(config.permission).toMatchObject({ ...expected, external_directory: "deny" });
});

const WRITE_NOTE = `fs.mkdirSync("projects/studio", { recursive: true }); fs.writeFileSync("${NOTE}", "from the agent");`;
const YES = { result: `{"answer":"yes"}` };

test("the files that an agent made are taken by the runner", async () => {
  const fake = fakeProgram("claude", claudeSays(YES, WRITE_NOTE));

  const result = await run(fake, { rung: { permissions: "edit" } });

  expect(result.outcome).toBe("succeeded");
  expect(result.files.map(({ path }) => path)).toEqual([NOTE]);
  expect(fake.starts()[0]?.stdin).toContain("make or change only these: projects/studio/**");
});

test("a file outside of writes spoils the work of an agent", async () => {
  const fake = fakeProgram("claude", claudeSays(YES, WRITE_NOTE));

  const result = await run(fake, { rung: { permissions: "edit" }, more: { writes: ["notes/**"] } });

  expect(result).toMatchObject({ outcome: "permission-denied", files: [] });
});

test("a file of an agent that may only read spoils its work, whatever writes says", async () => {
  const fake = fakeProgram("claude", claudeSays(YES, WRITE_NOTE));

  const result = await run(fake);

  expect(result).toMatchObject({ outcome: "permission-denied", files: [] });
});

test("what an agent was not allowed ends the attempt, though it says success", async () => {
  const result = await run(fakeProgram("claude", replay("claude-denied")));

  expect(result.outcome).toBe("permission-denied");
  expect(result.reason).toBe(`it was not allowed: Read {"file_path":"/etc/passwd"}`);
});

test("an exit code spoils an answer", async () => {
  const result = await run(fakeProgram("claude", `${claudeSays(YES)}\nprocess.exitCode = 3;`));

  expect(result).toMatchObject({ outcome: "crashed", reason: "exit code 3" });
});

test("an agent that ends without saying so has crashed", async () => {
  const result = await run(fakeProgram("claude", `console.error("Error: no terminal");`));

  expect(result).toMatchObject({
    outcome: "crashed",
    reason: "it ended without saying that it was done: Error: no terminal",
  });
});

test("a last message without JSON is the output where that is one text", async () => {
  const result = await run(fakeProgram("claude", claudeSays({ result: "Dear Ada,\n" })));

  expect(result).toMatchObject({ outcome: "succeeded", outputs: { answer: "Dear Ada," } });
});

test("JSON that does not fit is no text, even where a text would do", async () => {
  const result = await run(fakeProgram("claude", claudeSays({ result: `{"answer":7}` })));

  expect(result.outcome).toBe("schema-invalid");
});

test("a last message without JSON does not fit outputs of several fields", async () => {
  const properties = { answer: { type: "string" }, other: { type: "string" } };
  const outputs = { type: "object", required: ["answer"], properties };

  const result = await run(fakeProgram("claude", claudeSays({ result: "Dear Ada," })), {
    agent: { outputs },
  });

  expect(result).toMatchObject({
    outcome: "schema-invalid",
    reason: "its last message does not fit: it holds no JSON object",
  });
});

test("what an agent calls structured is checked all the same", async () => {
  const result = await run(
    fakeProgram("claude", claudeSays({ result: "", structured_output: { answer: 7 } })),
  );

  expect(result.outcome).toBe("schema-invalid");
});

test("codex is told a schema only where the provider takes it", async () => {
  const fake = fakeProgram("codex", replay("codex-answer"));
  const strict = {
    type: "object",
    additionalProperties: false,
    required: ["answer"],
    properties: { answer: { type: "string" } },
  };

  await run(fake, { name: "codex" });
  await run(fake, { name: "codex", agent: { outputs: strict } });

  const isTold = fake.starts().map(({ args }) => args.includes("--output-schema"));
  expect(isTold).toEqual([false, true]);
});

test("an agent that is not installed is a missing tool, and the next rung is tried", async () => {
  const result = await run(null, {
    agent: {
      runtime: {
        codingAgent: "claude",
        model: "coder",
        prompt: "prompt.md",
        fallback: [{ template: { answer: "answer.hbs" } }],
      },
    },
    more: { files: [file("agents/tester/answer.hbs", "no agent")] },
  });

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "no agent" },
    degraded: "claude coder: claude is not installed (no such program in PATH)",
  });
});

/** Asks the model as often as it is told to, and says nothing of it. */
const ASK = `
const ask = () => fetch(env.ANTHROPIC_BASE_URL + "/v1/messages", {
  method: "POST",
  headers: { "content-type": "application/json", "x-api-key": env.ANTHROPIC_API_KEY, "anthropic-version": "2023-06-01" },
  body: JSON.stringify({ model: "claude-haiku-4-5", max_tokens: 100, messages: [{ role: "user", content: "hi" + Math.random() }] }),
});`;

async function provider(): Promise<Awaited<ReturnType<typeof serveProvider>>> {
  const served = await serveProvider({ key: KEY });
  onTestFinished(() => served.close());
  return served;
}

test("what the gateway counts is what it cost, whatever the agent reports", async () => {
  const { url: baseUrl, play } = await provider();
  play(says("hello"));
  const source = `${ASK}\n(async () => { await ask(); ${claudeSays({ ...YES, total_cost_usd: 99 })} })();`;

  const result = await run(fakeProgram("claude", source), { baseUrl });

  expect(result.spend).toMatchObject({ micros: 200, requests: 1, basis: "metered" });
});

test("an agent that goes on after its money is spent is ended, and the reason is the money", async () => {
  const { url: baseUrl } = await provider();
  const source = `${ASK}\n(async () => { for (;;) { await ask(); await new Promise((wake) => setTimeout(wake, 50)); } })();`;

  const result = await run(fakeProgram("claude", source), {
    baseUrl,
    more: { grant: { micros: 900, tokens: null, requests: null, ms: 0 } },
    site: {},
  });

  expect(result.outcome).toBe("budget-exhausted");
  expect(result.spend?.micros).toBeLessThanOrEqual(900);
  expect(result.ms).toBeLessThan(19_000);
});

test("a long rate limit ends the agent, and says when to come back", async () => {
  const { url: baseUrl, play } = await provider();
  play(fails(429, "slow down", { "retry-after": "90" }));
  const source = `${ASK}\n(async () => { await ask(); setInterval(() => {}, 1000); })();`;

  const result = await run(fakeProgram("claude", source), { baseUrl });

  expect(result.outcome).toBe("rate-limited");
  expect(result.retryAfterMs).toBeGreaterThan(60_000);
});

test("an agent whose model costs nothing has no cap of its own in money", async () => {
  const fake = fakeProgram("claude", replay("claude-answer"));

  await run(fake, { settings: { price: "zero" } });

  expect(fake.starts()[0]?.args).not.toContain("--max-budget-usd");
});

test("requests are turns to the agent", async () => {
  const fake = fakeProgram("claude", replay("claude-answer"));

  await run(fake, { more: { grant: { micros: 1000, tokens: null, requests: 7, ms: 0 } } });

  const args = fake.starts()[0]?.args ?? [];
  expect(args[args.indexOf("--max-turns") + 1]).toBe("7");
});
