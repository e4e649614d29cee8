/** Servers on one's own machine speak OpenAI's chat in their own way: Ollama and llama.cpp's server. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { json } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import type { Result } from "#runner/runtimes/invocation.ts";
import { options, rungs } from "./invocation-builder.ts";

interface Served {
  readonly status: number;
  readonly body: object;
}

async function ask(served: Served): Promise<{ result: Result; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    await json(request);
    seen.push(request.headers);
    response.writeHead(served.status, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify(served.body));
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const local = { provider: "openai-compatible", baseUrl, model: "qwen3", price: "zero" } as const;
  const grant = { micros: 0, tokens: 50_000, requests: 5, ms: 0 };
  const call = rungs({ model: "local" }, {}, { models: { local }, grant });
  return { result: await execute(call, options()), seen };
}

/** Takes no notice of the schema, thinks aloud, and calls itself by the file that it has loaded. */
const SAID = {
  id: "chatcmpl-7",
  object: "chat.completion",
  created: 1_764_000_000,
  model: "/models/qwen3-4b-q4.gguf",
  system_fingerprint: "b6000",
  timings: { predicted_ms: 12 },
  choices: [
    {
      index: 0,
      finish_reason: "stop",
      message: {
        role: "assistant",
        content: '<think>\nThey want {JSON}.\n</think>\n\n{"answer": "yes"}',
      },
    },
  ],
};

test("a server that ignores the schema and thinks aloud gives what was asked for, free of charge and without a key", async () => {
  const usage = { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 };

  const { result, seen } = await ask({ status: 200, body: { ...SAID, usage } });

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "yes" },
    spend: { micros: 0, tokens: 42, requests: 1 },
  });
  expect(seen.map(({ authorization }) => authorization)).toEqual([undefined]);
});

test("tokens that a server does not count are estimated, and count against the cap", async () => {
  const { result } = await ask({ status: 200, body: SAID });

  expect(result).toMatchObject({ outcome: "succeeded", spend: { micros: 0, requests: 1 } });
  expect(result.spend?.tokens).toBeGreaterThan(12);
  expect(result.calls?.[0]?.basis).toBe("estimated");
});

test.each([
  [
    "Ollama without the model",
    404,
    'model "qwen3" not found, try pulling it first',
    "missing-tool",
  ],
  ["llama.cpp that is loading", 503, "Loading model", "provider-error"],
  [
    "llama.cpp with a small context",
    400,
    "the request exceeds the available context size. try increasing the context size",
    "context-overflow",
  ],
])("%s says so", async (_, status, message, outcome) => {
  const { result } = await ask({ status, body: { error: { code: status, message } } });

  expect(result.outcome).toBe(outcome);
  expect(result.reason).toContain(message);
});
