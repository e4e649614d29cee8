/** Servers of tools that behave badly in all ways that matter. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** A program; `read` answers with what it is given, the others do what their names say. */
export const SERVER = `
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const acts = {
  read: ({ name }) => "note " + name,
  environment: () => JSON.stringify({ ...process.env, cwd: process.cwd() }),
  leak: () => "the token is " + process.env.CRM_TOKEN,
  big: () => "ä".repeat(100_000),
  create: () => "created",
  crash: () => process.exit(3),
  hang: () => new Promise(() => {}),
  child: ({ seconds }) => "pid " + spawn("sleep", [seconds], { detached: true, stdio: "ignore" }).pid,
};
const hints = { read: { readOnlyHint: true }, create: { readOnlyHint: false } };
const tools = Object.keys(acts).map((name) => ({
  name,
  inputSchema: { type: "object" },
  ...(hints[name] && { annotations: hints[name] }),
}));
console.log("a server that talks before it is asked");
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result =
    method === "initialize"
      ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } }
      : method === "tools/list"
        ? { tools }
        : { content: [{ type: "text", text: String(await acts[params.name](params.arguments)) }] };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
});
`;

export interface HttpToolsSeen {
  readonly method: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** MCP over HTTP with the tool `find`, for whoever brings the token. */
export async function serveTools(
  token: string,
): Promise<{ readonly url: string; readonly seen: readonly HttpToolsSeen[] }> {
  const seen: HttpToolsSeen[] = [];
  const server = createServer((request, response) => {
    const end = (status: number, body?: object): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined ? "" : JSON.stringify(body));
    };
    if (request.method !== "POST") return end(405);
    void json(request).then((message) => {
      const { id, method, params } = askedOf(message);
      seen.push({ method, headers: request.headers });
      if (request.headers.authorization !== `Bearer ${token}`) return end(401);
      if (id === undefined) return end(202);
      const result = RESULTS[String(method)];
      const error = { code: -32_601, message: "no such method" };
      return end(200, { jsonrpc: "2.0", id, ...(result ? { result: result(params) } : { error }) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/mcp`, seen };
}

interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: unknown;
}

function askedOf(message: unknown): Message {
  return typeof message === "object" && message !== null ? message : {};
}

const RESULTS: Readonly<Record<string, (params: unknown) => object>> = {
  initialize: () => ({
    protocolVersion: "2025-06-18",
    capabilities: { tools: {} },
    serverInfo: { name: "web", version: "1" },
  }),
  "tools/list": () => ({ tools: [{ name: "find", inputSchema: { type: "object" } }] }),
  "tools/call": (params) => ({
    content: [{ type: "text", text: `found for ${JSON.stringify(params)}` }],
  }),
};
