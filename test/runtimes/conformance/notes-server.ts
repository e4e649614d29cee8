/** A server of tools in an agent's folder, without a library: what MCP is on standard input and output. */
import { NOTE } from "./scenario.ts";

export const NOTES_SERVER = `
import { createInterface } from "node:readline";

const tools = [
  { name: "read", description: "Reads a note.", inputSchema: { type: "object", properties: { name: { type: "string" } } } },
  { name: "delete", description: "Removes a note.", inputSchema: { type: "object" }, annotations: { destructiveHint: true } },
];
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "notes", version: "1.0.0" },
  }),
  "tools/list": () => ({ tools }),
  "tools/call": () => ({ content: [{ type: "text", text: ${JSON.stringify(NOTE)} }] }),
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method];
  const said = answer ? { result: answer(params) } : { error: { code: -32601, message: "no such method" } };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...said }) + "\\n");
});
`;
