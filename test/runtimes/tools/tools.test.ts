import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Agent, ToolServer } from "#runner/schema/types.gen.ts";
import { serveProvider } from "../../support/provider/provider.ts";
import { calls, fails, says, type Scene } from "../../support/provider/scene.ts";
import { file, invocation, options } from "../invocation-builder.ts";
import { SERVER, serveTools } from "./servers.ts";

const TOKEN = "crm-token-0123456789";
const DONE = says('{"answer":"done"}');

const crm = (...allow: [string, ...string[]]): ToolServer => ({
  name: "crm",
  command: ["node", "agents/tester/crm.mjs"],
  allow,
});

interface Played extends Result {
  /** Bodies of the requests to the model. */
  readonly asked: readonly string[];
}

interface Setting {
  readonly tools: NonNullable<Agent["tools"]>;
  readonly scenes: readonly Scene[];
  readonly agent?: Partial<Agent>;
  readonly more?: Partial<Invocation>;
}

async function play({ tools, scenes, agent = {}, more = {} }: Setting): Promise<Played> {
  const provider = await serveProvider();
  onTestFinished(() => provider.close());
  provider.play(...scenes);
  const baseUrl = `${provider.url}/v1`;
  const main = { provider: "openai-compatible", baseUrl, model: "tiny", price: "zero" } as const;
  const call = invocation(
    { runtime: { model: "main" }, secrets: ["CRM_TOKEN"], tools, ...agent },
    {
      files: [file("agents/tester/crm.mjs", SERVER)],
      models: { main },
      secrets: { CRM_TOKEN: TOKEN, OTHER: "another-secret" },
      ...more,
    },
  );
  const result = await execute(call, options());
  return { ...result, asked: provider.asked.map(({ text }) => text) };
}

test("a model calls the tools that are allowed, under the names of their servers, and the log tells", async () => {
  const other: ToolServer = { ...crm("read"), name: "wiki" };

  const { outcome, asked, log } = await play({
    tools: [crm("read"), other],
    scenes: [calls("wiki__read", { name: "day" }), DONE],
  });

  expect(outcome).toBe("succeeded");
  expect(asked[0]?.match(/"name":"\w+__\w+"/gu)).toEqual([
    '"name":"crm__read"',
    '"name":"wiki__read"',
  ]);
  expect(asked[1]).toContain("note day");
  expect(log).toBe('wiki__read {"name":"day"}: 8 bytes\n');
});

test("a tool that is not allowed is not called, though the server has it", async () => {
  const { outcome, asked, log } = await play({
    tools: [crm("read")],
    scenes: [calls("crm__create"), DONE],
  });

  expect(outcome).toBe("succeeded");
  expect(asked[1]).not.toContain("created");
  expect(log).toBe("");
});

test("a server gets its own secrets, a folder of the attempt and nothing else", async () => {
  const { asked } = await play({
    tools: [{ ...crm("environment"), secrets: [] }],
    scenes: [calls("crm__environment"), DONE],
  });

  const seen = asked[1] ?? "";
  expect(seen).toMatch(/attempt-[^/]+\/work/u);
  expect(seen).not.toMatch(/CRM_TOKEN|OTHER|API_KEY|FETTLE_MODEL/u);
});

test("what a tool says never holds a secret when it comes to the model", async () => {
  const { asked, outcome } = await play({
    tools: [{ ...crm("leak"), secrets: ["CRM_TOKEN"] }],
    scenes: [calls("crm__leak"), DONE],
  });

  expect(outcome).toBe("succeeded");
  expect(asked[1]).toContain("the token is [redacted: secret:CRM_TOKEN]");
});

test("what a tool says is cut to 64 KiB", async () => {
  const { asked } = await play({ tools: [crm("big")], scenes: [calls("crm__big"), DONE] });

  expect(asked[1]).toContain("[cut: the whole is 200000 bytes]");
  expect(asked[1]?.length).toBeLessThan(70_000);
});

test.each([
  ["hangs", "hang", /error: .*timed out/u],
  ["crashes", "crash", /error: /u],
])("of a tool that %s the model is told", async (_, tool, words) => {
  const { outcome, asked } = await play({
    tools: [crm(tool)],
    scenes: [calls(`crm__${tool}`), DONE],
    more: { timeoutMs: 3000 },
  });

  expect(outcome).toBe("succeeded");
  expect(asked[1]).toMatch(words);
});

test("when the attempt is over, nothing that a server has started is left", async () => {
  const seconds = String(randomInt(1_000_000, 9_000_000));

  const { asked } = await play({
    tools: [crm("child")],
    scenes: [calls("crm__child", { seconds }), DONE],
  });

  expect(asked[1]).toMatch(/"content":"pid \d+"/u);
  await vi.waitFor(() => expect(commandLines()).not.toContain(`sleep ${seconds}`), 60_000);
});

function commandLines(): readonly string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  return pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return "";
    }
  });
}

test.each([
  [
    "no program",
    { ...crm("read"), command: ["no-such-program"] },
    "crm: there is no program no-such-program",
  ],
  [
    "a program that fails",
    { ...crm("read"), command: ["node", "-e", "throw new Error('no disk')"] },
    /^crm does not answer: /u,
  ],
  [
    "a program that says nothing",
    { ...crm("read"), command: ["sleep", "600"] },
    /^crm does not answer: .*timed out/u,
  ],
  ["no such tool", crm("search"), /^crm has no tool search \(it has read, environment/u],
  [
    "no server",
    { name: "web", url: "http://127.0.0.1:9/mcp", allow: ["find"] },
    /^web does not answer: /u,
  ],
] satisfies readonly (readonly [string, ToolServer, string | RegExp])[])(
  "%s is a missing tool, and no model is asked",
  async (_, server, reason) => {
    const tools: NonNullable<Agent["tools"]> = [server];

    const {
      outcome,
      reason: said,
      asked,
    } = await play({ tools, scenes: [DONE], more: { timeoutMs: 3000 } });

    expect(outcome).toBe("missing-tool");
    expect(said).toMatch(reason);
    expect(asked).toEqual([]);
  },
);

test("a tool that says that it changes things needs an agent with external effects", async () => {
  const { outcome, reason, asked } = await play({ tools: [crm("create")], scenes: [DONE] });

  expect(outcome).toBe("permission-denied");
  expect(reason).toContain("crm says that its tool create changes things");
  expect(asked).toEqual([]);
});

test.each([
  ["succeeds", [calls("crm__create"), DONE], "succeeded", true],
  ["is limited after a tool was called", [calls("crm__create"), fails(429)], "uncertain", true],
  [
    "loses its model after a tool was called",
    [calls("crm__create"), fails(404)],
    "uncertain",
    true,
  ],
  ["is limited before any tool was called", [fails(429)], "rate-limited", false],
] as const)("an external effect by tools that %s", async (_, scenes, outcome, started) => {
  const result = await play({
    tools: [crm("create")],
    scenes,
    agent: { effects: "external" },
    more: { effectKey: "sha256:01" },
  });

  expect(result).toMatchObject({ outcome, started });
});

test("a server over HTTP gets its secret as bearer, and who brings none is turned away", async () => {
  const { url, seen } = await serveTools(TOKEN);
  const web: ToolServer = { name: "web", url, allow: ["find"] };
  const scenes = [calls("web__find", { text: "x" }), DONE];

  const result = await play({ tools: [{ ...web, token: "CRM_TOKEN" }], scenes });
  const without = await play({ tools: [web], scenes });

  expect(result.outcome).toBe("succeeded");
  expect(result.asked[1]).toContain("found for");
  expect(JSON.stringify(result)).not.toContain(TOKEN);
  expect(seen.some(({ method }) => method === "tools/call")).toBe(true);
  expect(without).toMatchObject({ outcome: "auth", asked: [] });
});
