/** One server of tools: how it is reached, and what of it may be called. Loaded only for agents that have one. */
import {
  createMCPClient,
  type ListToolsResult,
  type MCPClient,
  type MCPTransport,
} from "@ai-sdk/mcp";
import { redactStart } from "#runner/core/secret-scan.ts";
import type { HttpToolServer, ToolServer } from "#runner/schema/types.gen.ts";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { ProcessCage } from "./process-cage.ts";
import { environmentOf, findProgram } from "./program-environment.ts";
import type { RungCall, RungResult } from "./rung-result.ts";
import { ToolProcess } from "./tool-process.ts";

export type ToolDefinition = ListToolsResult["tools"][number];

export type ToolServerOpened =
  | { readonly ok: true; readonly client: MCPClient; readonly tools: readonly ToolDefinition[] }
  | ({ readonly ok: false } & Pick<RungResult, "outcome" | "reason">);

export interface ToolPlace {
  readonly call: RungCall;
  readonly folder: AttemptFolder;
  /** PATH of programs. */
  readonly path: string;
  readonly cage: ProcessCage;
}

const LONGEST_START_MS = 30_000;
const MOST_PAGES = 10;

/** Opens it and finds the tools that are allowed; a server that is not there, or lacks one of them, is a missing tool. */
export async function openToolServer(
  server: ToolServer,
  place: ToolPlace,
): Promise<ToolServerOpened> {
  const way = wayTo(server, place);
  if (typeof way === "string") return refused("missing-tool", way);
  const { signal, remainingMs, invocation } = place.call;
  const timeout = Math.min(LONGEST_START_MS, Math.max(Math.floor(remainingMs() / 2), 1));
  try {
    const client = await createMCPClient({
      transport: way.transport,
      clientName: "fettle",
      initializationOptions: { signal, timeout },
      onUncaughtError: () => {}, // told by the request that it breaks
    });
    const found = await allTools(client, { signal, timeout });
    const tools = allowed(server, found, place);
    if (!tools.ok) await client.close();
    return tools.ok ? { ...tools, client } : tools;
  } catch (error) {
    const { outcome, lastWords } = way.facts();
    await way.transport.close?.();
    const words = error instanceof Error ? error.message : String(error);
    const why = [words, lastWords].filter(Boolean).join(": ");
    const reason = redactStart(`${server.name} does not answer: ${why}`, invocation.secrets, 300);
    return refused(outcome, reason);
  }
}

interface Way {
  readonly transport: MCPTransport | HttpTransport;
  /** What it means that the server does not answer. */
  readonly facts: () => {
    readonly outcome: "auth" | "missing-tool" | "rate-limited";
    readonly lastWords?: string;
  };
}

/** Closed by its client. */
type HttpTransport = Exclude<Parameters<typeof createMCPClient>[0]["transport"], MCPTransport> & {
  readonly close?: undefined;
};

function wayTo(server: ToolServer, place: ToolPlace): Way | string {
  if (!("command" in server)) return httpWay(server, place);
  const { folder, path, cage, call } = place;
  const [name, ...args] = server.command;
  const program = findProgram(name, path, folder.work);
  if (program === undefined) return `${server.name}: there is no program ${name}`;
  const env = environmentOf(call.invocation, server.secrets ?? [], { folder, path });
  const transport = new ToolProcess({ argv: [program, ...args], cwd: folder.work, env, cage });
  const outcome = (): "rate-limited" | "missing-tool" =>
    transport.isShort ? "rate-limited" : "missing-tool";
  return { transport, facts: () => ({ outcome: outcome(), lastWords: transport.lastWords }) };
}

function httpWay({ url, token }: HttpToolServer, { call }: ToolPlace): Way {
  const secret = token === undefined ? undefined : call.invocation.secrets[token];
  let status: number | undefined;
  const noting: typeof fetch = async (target, init) => {
    const response = await fetch(target, init);
    status = response.status;
    return response;
  };
  const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  return {
    transport: { type: "http", url, headers, redirect: "error", fetch: noting },
    facts: () => ({ outcome: status === 401 || status === 403 ? "auth" : "missing-tool" }),
  };
}

async function allTools(
  client: MCPClient,
  options: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<readonly ToolDefinition[]> {
  const tools: ToolDefinition[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { params: { cursor } };
    const listed = await client.listTools({ ...params, options });
    tools.push(...listed.tools);
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
}

type Allowed =
  | { readonly ok: true; readonly tools: readonly ToolDefinition[] }
  | Extract<ToolServerOpened, { ok: false }>;

/** A server's word that a tool changes things is believed; its word that it does not, is not needed. */
function allowed(
  { name, allow }: ToolServer,
  found: readonly ToolDefinition[],
  { call }: ToolPlace,
): Allowed {
  const tools = allow.flatMap((wanted) => found.find((tool) => tool.name === wanted) ?? []);
  const missing = allow.find((wanted) => !found.some((tool) => tool.name === wanted));
  if (missing !== undefined) {
    const names = found.map((tool) => tool.name).join(", ") || "none";
    return refused(
      "missing-tool",
      `${name} has no tool ${missing} (it has ${names.slice(0, 200)})`,
    );
  }
  const writer = tools.find(
    ({ annotations: hints }) => hints?.readOnlyHint === false || hints?.destructiveHint === true,
  );
  if (writer !== undefined && call.invocation.agent.manifest.effects !== "external") {
    const reason = `${name} says that its tool ${writer.name} changes things: the agent must declare effects: external, or not allow it`;
    return refused("permission-denied", reason);
  }
  return { ok: true, tools };
}

function refused(
  outcome: RungResult["outcome"],
  reason: string,
): Extract<ToolServerOpened, { ok: false }> {
  return { ok: false, outcome, reason };
}
