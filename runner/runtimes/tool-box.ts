/** The tools that a model may call during one attempt, from all servers of its agent. */
import { membersOf } from "#runner/core/json-object.ts";
import type { MCPClient } from "@ai-sdk/mcp";
import { redactSecrets, redactStart } from "#runner/core/secret-scan.ts";
import type { ToolServer } from "#runner/schema/types.gen.ts";
import { makeAttemptFolder, removeAttemptFolder } from "./attempt-folder.ts";
import type { CommandSite } from "./command.ts";
import type { OfferedTool } from "./offered-tool.ts";
import { probeProcessCage } from "./process-cage.ts";
import { searchPath } from "./program-environment.ts";
import type { RungCall, RungResult } from "./rung-result.ts";
import { openToolServer, type ToolDefinition } from "./tool-server.ts";

export interface ToolBox {
  readonly tools: readonly OfferedTool[];
  /** A line for each call. */
  readonly log: () => string;
  readonly wasUsed: () => boolean;
  /** Ends the servers. */
  readonly close: () => Promise<void>;
}

export type ToolBoxOpened =
  | { readonly ok: true; readonly box: ToolBox }
  | ({ readonly ok: false } & Pick<RungResult, "outcome" | "reason">);

/** A call may take half of the time that is left, and no longer than this. */
const LONGEST_CALL_MS = 60_000;
const LARGEST_RESULT = 64 * 1024;

export async function openToolBox(call: RungCall, site: CommandSite): Promise<ToolBoxOpened> {
  const { tools: servers = [] } = call.invocation.agent.manifest;
  const folder = makeAttemptFolder(site.workRoot, call.invocation.files);
  const cage = site.cage ?? (await probeProcessCage(site.programPath));
  const place = { call, folder, path: searchPath(site.programPath), cage };
  const clients: MCPClient[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled(clients.map((client) => client.close()));
    await removeAttemptFolder(folder);
  };
  const bench: Bench = { call, lines: [] };
  const tools: OfferedTool[] = [];
  for (const server of servers) {
    const opened = await openToolServer(server, place);
    if (!opened.ok) {
      await close();
      return opened;
    }
    clients.push(opened.client);
    tools.push(...opened.tools.map((tool) => offered(tool, { server, ...opened }, bench)));
  }
  const log = (): string => bench.lines.map((line) => `${line}\n`).join("");
  return { ok: true, box: { tools, log, wasUsed: () => bench.lines.length > 0, close } };
}

interface Bench {
  readonly call: RungCall;
  readonly lines: string[];
}

interface Source {
  readonly server: ToolServer;
  readonly client: MCPClient;
}

/** No two tools of an agent have one name: a server's holds no underscore. */
function offered(
  { name: tool, description = "", inputSchema }: ToolDefinition,
  { server, client }: Source,
  bench: Bench,
): OfferedTool {
  const name = `${server.name}__${tool}`;
  const { secrets } = bench.call.invocation;
  return {
    name,
    description,
    inputSchema,
    call: async (input) => {
      const at = bench.lines.push(`${name} ${redactStart(JSON.stringify(input), secrets, 200)}`);
      const said = await called(client, { tool, input }, bench.call);
      const text = shortened(redactSecrets(said, secrets));
      bench.lines[at - 1] += `: ${Buffer.byteLength(text)} bytes`;
      return text;
    },
  };
}

interface ToolCall {
  readonly tool: string;
  readonly input: unknown;
}

async function called(
  client: MCPClient,
  { tool: name, input }: ToolCall,
  { signal, remainingMs }: RungCall,
): Promise<string> {
  const timeout = Math.min(LONGEST_CALL_MS, Math.max(Math.floor(remainingMs() / 2), 1));
  const given = { ...membersOf(input) };
  try {
    const result = await client.callTool({
      name,
      arguments: given,
      options: { signal, timeout },
    });
    return textOf(result);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function textOf(result: Awaited<ReturnType<MCPClient["callTool"]>>): string {
  if (!("content" in result) || !Array.isArray(result.content)) return JSON.stringify(result);
  const parts: readonly unknown[] = result.content;
  const text = parts.map(textOfPart).join("\n");
  return result["isError"] === true ? `error: ${text}` : text;
}

function textOfPart(part: unknown): string {
  if (typeof part !== "object" || part === null) return "";
  if ("text" in part && typeof part.text === "string") return part.text;
  if ("resource" in part) return JSON.stringify(part.resource);
  return `[${"type" in part ? String(part.type) : "something"} that cannot be shown]`;
}

function shortened(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= LARGEST_RESULT) return text;
  const start = bytes
    .subarray(0, LARGEST_RESULT)
    .toString()
    .replace(/\uFFFD+$/u, "");
  return `${start}\n[cut: the whole is ${bytes.length} bytes]`;
}
