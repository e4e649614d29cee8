import { conforms } from "./conforms.ts";
import { NOTE } from "./scenario.ts";

/** Asks with no library: all that it knows of models stands in its environment. */
const PROGRAM = `
import { readFileSync } from "node:fs";

const { inputs } = JSON.parse(readFileSync(0, "utf8"));
const { main } = JSON.parse(process.env.FETTLE_MODELS);
const messages = [{ role: "user", content: inputs.prompt }];
const tool = { type: "function", function: { name: "notes__read", parameters: { type: "object" } } };
let reply;
while (reply === undefined) {
  const response = await fetch(main.baseUrl + "/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer " + process.env.FETTLE_MODEL_KEY },
    body: JSON.stringify({ model: main.model, messages, max_tokens: 1000, tools: [tool] }),
  });
  const said = await response.text();
  if (response.status === 429) {
    reply = { outcome: "rate-limited", rationale: said, retryAfter: response.headers.get("retry-after") ?? "" };
  } else if (!response.ok) {
    throw new Error("HTTP " + response.status + ": " + said);
  } else {
    const [{ message, finish_reason: finish }] = JSON.parse(said).choices;
    messages.push(message);
    if (finish === "length") throw new Error("cut at 1000 tokens");
    if (message.tool_calls === undefined) reply = { outputs: objectIn(message.content) };
    for (const { id, function: { name } } of message.tool_calls ?? []) {
      const content = name === "notes__read" ? ${JSON.stringify(NOTE)} : "there is no tool " + name;
      messages.push({ role: "tool", tool_call_id: id, content });
    }
  }
}
process.stdout.write(JSON.stringify(reply));

function objectIn(text) {
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
}
`;

const itself = { outcome: "crashed", reason: /./u } as const;

conforms({
  name: "command",
  provider: "openai-compatible",
  model: "tiny",
  agent: () => ({ runtime: { command: ["node", "agents/tester/main.mjs"], models: ["main"] } }),
  files: { "main.mjs": PROGRAM },
  // A program that fails without a word of its own has crashed, unless it was the gateway that refused it something.
  differs: {
    "invalid, then right": { outcome: "schema-invalid", outputs: null, asked: 1 },
    invalid: { asked: 1 },
    "no JSON": { ...itself, asked: 1 },
    empty: { ...itself, asked: 1 },
    truncated: itself,
    "endless loop": {
      outcome: "budget-exhausted",
      reason: /limits\.requests in agents\/tester\/agent\.yaml/u,
      asked: 5,
    },
    "400": itself,
    "401": itself,
    "402": itself,
    "403": itself,
    "unknown model": itself,
    "500": itself,
    "529": itself,
    overflow: itself,
    "crash in the middle": itself,
  },
});
