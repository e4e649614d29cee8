import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { type ExecuteOptions, execute } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { OpenDoor } from "#runner/runtimes/model-door.ts";
import { serveProvider } from "../support/provider/provider.ts";
import { options, rungs, testDoor } from "./invocation-builder.ts";

const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly max_tokens?: number;
    readonly response_format?: unknown;
  };
}

/** A loopback server that gives the replies in turn (the last one again and again); null hangs. */
async function serve(
  ...replies: readonly (Reply | null)[]
): Promise<{ baseUrl: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const reply = replies[Math.min(seen.length, replies.length - 1)];
      const body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
      seen.push({ path: request.url ?? "", headers: request.headers, body });
      if (reply === null || reply === undefined) return;
      response.writeHead(reply.status ?? 200, {
        "content-type": "application/json",
        ...reply.headers,
      });
      response.end(JSON.stringify(reply.body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, seen };
}

function says(content: string, more: object = {}): Reply {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return {
    body: { id: "1", object: "chat.completion", created: 1, model: "tiny", choices, ...more },
  };
}

function fails(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers, body: { error: { message } } };
}

function ask(
  baseUrl: string,
  more: Partial<Invocation> = {},
  site: Partial<ExecuteOptions> = {},
): Promise<Result> {
  const models = {
    default: { provider: "openai-compatible", baseUrl, model: "tiny", price: "zero" },
  } as const;
  const call = rungs(
    { model: "default", prompt: "prompt.md", maxOutputTokens: 300 },
    { "prompt.md": "Write to {{inputs.name}}." },
    { models, inputs: { name: "Ada & Söhne" }, ...more },
  );
  return execute(call, options(site));
}

test("a model is asked once, with the prompt, the schema and a cap, and its answer is the result", async () => {
  const { baseUrl, seen } = await serve(says('{"answer":"Dear Ada"}', { usage }));

  const result = await ask(baseUrl);

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "Dear Ada" },
    rung: "model:default",
    model: { provider: "openai-compatible", model: "tiny", inputTokens: 12, outputTokens: 5 },
    spend: { micros: 0, tokens: 17, requests: 1 },
  });
  expect(result.model?.promptDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(seen).toHaveLength(1);
  expect(seen[0]?.path).toBe("/v1/chat/completions");
  expect(seen[0]?.body).toMatchObject({
    model: "tiny",
    max_tokens: 300,
    response_format: { type: "json_schema" },
  });
  const [instructions, prompt] = seen[0]?.body.messages ?? [];
  expect(instructions?.content).toMatch(
    /^Answers\.\nAnswer with one JSON object.*"required":\["answer"\]/s,
  );
  expect(JSON.stringify(prompt?.content)).toContain("Write to Ada & Söhne.");
});

test("a key goes to the model's server only", async () => {
  const { baseUrl, seen } = await serve(says('{"answer":"a"}'));
  const models = {
    default: {
      provider: "openai-compatible",
      baseUrl,
      model: "tiny",
      price: "zero",
      key: "LOCAL_KEY",
    },
  } as const;

  await ask(baseUrl, { models, secrets: { LOCAL_KEY: "sesame-sesame" } });
  const without = await ask(baseUrl, { models });

  expect(seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer sesame-sesame"]);
  expect(without).toMatchObject({ outcome: "auth", reason: "no key LOCAL_KEY" });
});

test("a server that tells a key back tells it to nobody else, not even in part", async () => {
  const key = "sesame-sesame-sesame";
  const { baseUrl } = await serve(fails(401, `${"x".repeat(380)} ${key}`));
  const models = {
    default: { provider: "openai-compatible", baseUrl, model: "tiny", price: "zero", key: "K" },
  } as const;

  const result = await ask(baseUrl, { models, secrets: { K: key } });

  expect(result.outcome).toBe("auth");
  expect(JSON.stringify(result)).not.toContain("sesame");
});

test("usage that the server does not count stays unknown", async () => {
  const { baseUrl } = await serve(says('{"answer":"a"}'));

  const { model } = await ask(baseUrl);

  expect(Object.keys(model ?? {}).toSorted()).toEqual(["model", "promptDigest", "provider"]);
});

test.each([
  ["a code fence", '```json\n{"answer":"fenced"}\n```'],
  ["talk", 'Sure! {"answer":"fenced"} Anything else?'],
])("an answer in %s is unwrapped, without another request", async (_, content) => {
  const { baseUrl, seen } = await serve(says(content));

  const result = await ask(baseUrl);

  expect(result).toMatchObject({ outcome: "succeeded", outputs: { answer: "fenced" } });
  expect(seen).toHaveLength(1);
});

test.each([
  ["no JSON", says("I would rather not."), "the answer does not fit: it holds no JSON object"],
  ["broken JSON", says('{"answer": }'), "the answer does not fit: its JSON is broken"],
  ["another shape", says('{"answer":7}'), "the answer does not fit: /answer must be string"],
  [
    "a cut answer",
    says("", {
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: '{"answer":"De' },
          finish_reason: "length",
        },
      ],
    }),
    "the answer is cut at 300 tokens",
  ],
])("%s is schema-invalid", async (_, reply, reason) => {
  const { baseUrl, seen } = await serve(reply);

  expect(await ask(baseUrl)).toMatchObject({ outcome: "schema-invalid", reason, outputs: null });
  expect(seen).toHaveLength(reason.includes("cut") ? 1 : 2);
});

test("an answer that does not fit is asked for once more, with what was said and what is wrong with it", async () => {
  const { baseUrl, seen } = await serve(
    says('{"answer":7}', { usage }),
    says('{"answer":"seven"}', { usage }),
  );

  const result = await ask(baseUrl);

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "seven" },
    model: { inputTokens: 24, outputTokens: 10 },
    spend: { tokens: 34, requests: 2 },
  });
  expect(seen[1]?.body.messages.slice(2)).toMatchObject([
    { role: "assistant", content: '{"answer":7}' },
    { role: "user", content: expect.stringContaining("/answer must be string") },
  ]);
});

test("no repair is paid beyond the grant", async () => {
  const { baseUrl, seen } = await serve(says('{"answer":7}', { usage }));
  const grant = { micros: 0, tokens: null, requests: 1, ms: 0, short: "the day is used up" };

  const result = await ask(baseUrl, { grant });

  expect(result).toMatchObject({ outcome: "budget-exhausted", spend: { requests: 1 } });
  expect(result.reason).toContain("this attempt may make 1 request");
  expect(seen).toHaveLength(1);
});

test("a request that ends with the attempt has timed out, though the door's clock is ahead of the attempt's", async () => {
  const provider = await serveProvider();
  onTestFinished(() => provider.close());
  provider.play({ kind: "hang", after: "start" });
  const open = testDoor();
  const openDoor: OpenDoor = (guest, asked) =>
    open(guest, { ...asked, remainingMs: asked.remainingMs - 200 });

  const result = await ask(`${provider.url}/v1`, { timeoutMs: 1000 }, { openDoor });

  expect(result).toMatchObject({ outcome: "timeout", outputs: null });
});

test("garbage instead of a protocol is a provider error", async () => {
  const { baseUrl } = await serve({ body: "<html>hello</html>" });

  expect((await ask(baseUrl)).outcome).toBe("provider-error");
});

test("a redirect is not followed: the key would go along", async () => {
  const elsewhere = await serve(says('{"answer":"a"}'));
  const { baseUrl } = await serve({
    status: 307,
    headers: { location: `${elsewhere.baseUrl}/chat/completions` },
    body: {},
  });

  expect((await ask(baseUrl)).outcome).toBe("provider-error");
  expect(elsewhere.seen).toEqual([]);
});

test("a model whose price nobody knows is not asked", async () => {
  const { baseUrl, seen } = await serve(says('{"answer":"a"}'));
  const models = { default: { provider: "openai-compatible", baseUrl, model: "large" } } as const;

  const result = await ask(baseUrl, { models });

  expect(result).toMatchObject({
    outcome: "budget-exhausted",
    reason:
      "fettle: nobody knows what large costs, so it is not asked. Whoever runs this can declare its price, or that it costs nothing.",
  });
  expect(seen).toEqual([]);
});

test("a paid model is asked within the grant, and what it took is counted by the declared price", async () => {
  const { baseUrl, seen } = await serve(says('{"answer":"a"}', { usage }));
  const price = { input: 1000, output: 2000 };
  const settings = { provider: "openai-compatible", baseUrl, model: "large", price } as const;
  const grant = { micros: 5_000_000, tokens: null, requests: null, ms: 0 };

  const paid = await ask(baseUrl, { models: { default: settings }, grant });
  const poor = await ask(baseUrl, {
    models: { default: settings },
    grant: { ...grant, micros: 500 },
  });

  expect(paid).toMatchObject({
    outcome: "succeeded",
    spend: { micros: 22_000, tokens: 17, requests: 1, basis: "metered" },
    calls: [{ model: "default", micros: 22_000, inFresh: 12, outText: 5, status: 200 }],
  });
  expect(paid.prices).toMatch(/^sha256:/);
  expect(poor).toMatchObject({ outcome: "budget-exhausted", spend: { micros: 0, requests: 0 } });
  expect(poor.reason).toMatch(
    /^a request to a model needs at least [\d.]+ USD; limits\.usd in agents\/tester\/agent\.yaml allows an attempt 0\.0005 USD, of which 0 USD is spent or reserved: raise it, or ask for less/,
  );
  expect(seen).toHaveLength(1);
});

test("a model that the settings do not name is a missing tool", async () => {
  expect(await ask("", { models: {} })).toMatchObject({
    outcome: "missing-tool",
    reason: "fettle.yaml has no model default",
  });
});

test("a prompt that names what is not there is refused before anything is asked", async () => {
  const { baseUrl, seen } = await serve(says("{}"));

  expect(await ask(baseUrl, { inputs: {} })).toMatchObject({
    outcome: "schema-invalid",
    reason: 'agents/tester/prompt.md: "name" not defined in [object Object] - 1:11',
  });
  expect(seen).toEqual([]);
});

test.each([{ tokens: 0 }, { requests: 0 }])(
  "a model is not asked when the caps leave nothing for it: %j",
  async (nothing) => {
    const { baseUrl, seen } = await serve(says('{"answer":"a"}'));
    const short = "the workspace has used 10 requests of 10 requests per day";
    const grant = { micros: 0, tokens: null, requests: null, ms: 0, short, ...nothing };

    const result = await ask(baseUrl, { grant });

    expect(result).toMatchObject({ outcome: "budget-exhausted", reason: short });
    expect(result.spend).toBeUndefined();
    expect(seen).toEqual([]);
  },
);

test("what every rung took is summed, whichever gave the result", async () => {
  const { baseUrl, seen } = await serve(
    says("no JSON", { usage }),
    says("still none", { usage }),
    says('{"answer":"a"}', { usage }),
  );
  const settings = {
    provider: "openai-compatible",
    baseUrl,
    model: "tiny",
    price: "zero",
  } as const;
  const call = rungs(
    { model: "first", fallback: [{ model: "second" }] },
    {},
    { models: { first: settings, second: settings } },
  );

  const result = await execute(call, options());

  expect(result).toMatchObject({ outcome: "succeeded", spend: { tokens: 51, requests: 3 } });
  expect(result.rung).toBe("model:second");
  expect(seen).toHaveLength(3);
});
