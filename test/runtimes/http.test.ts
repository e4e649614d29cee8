import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { execute } from "#runner/runtimes/execute.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { Agent, HttpCall } from "#runner/schema/types.gen.ts";
import { file, invocation, options } from "./invocation-builder.ts";

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | null;
}

interface Seen {
  readonly method: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

const YES = { body: JSON.stringify({ outputs: { answer: "yes" } }) };

/** A function on this machine; a body of null never comes. */
async function serve(reply: Reply): Promise<{ readonly url: string; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    seen.push({ method: request.method, headers: request.headers, body: await text(request) });
    response.writeHead(reply.status ?? 200, reply.headers ?? {});
    if (reply.body === null) response.flushHeaders();
    else response.end(reply.body ?? "");
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
  return { url: `http://127.0.0.1:${port}/check`, seen };
}

function call(
  http: HttpCall,
  more: Partial<Invocation> = {},
  agent: Partial<Agent> = {},
): Promise<Result> {
  return execute(invocation({ runtime: { http }, ...agent }, more), options());
}

test("a function gets what a program gets on standard input, and answers the same", async () => {
  const { url, seen } = await serve({
    body: JSON.stringify({ outputs: { answer: "yes" }, rationale: "because", receipt: { id: 1 } }),
  });

  const result = await call({ url }, { inputs: { a: 1 } });

  expect(result).toMatchObject({
    outcome: "succeeded",
    outputs: { answer: "yes" },
    rationale: "because",
    receipt: { id: 1 },
    rung: "http",
  });
  expect(seen[0]?.method).toBe("POST");
  expect(seen[0]?.headers["content-type"]).toBe("application/json");
  expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({
    inputs: { a: 1 },
    step: "answer",
    effect: null,
  });
  expect(JSON.parse(seen[0]?.body ?? "")).not.toHaveProperty("checkpointFolder");
});

test("the secret is sent as bearer token, the key of the effect as Idempotency-Key", async () => {
  const { url, seen } = await serve(YES);

  await call(
    { url, secret: "TOKEN", method: "PUT", headers: { "X-Shop": "north" } },
    { secrets: { TOKEN: "a-long-secret" }, effectKey: "sha256:k" },
  );

  expect(seen[0]?.method).toBe("PUT");
  expect(seen[0]?.headers).toMatchObject({
    authorization: "Bearer a-long-secret",
    "idempotency-key": "sha256:k",
    "x-shop": "north",
  });
});

test("without its secret a function is not called", async () => {
  const { url, seen } = await serve(YES);

  const result = await call({ url, secret: "TOKEN" });

  expect(result).toMatchObject({ outcome: "auth", reason: "no secret TOKEN", started: false });
  expect(seen).toEqual([]);
});

test.each([
  [301, "missing-tool"],
  [400, "schema-invalid"],
  [401, "auth"],
  [402, "budget-exhausted"],
  [403, "auth"],
  [404, "missing-tool"],
  [408, "timeout"],
  [413, "context-overflow"],
  [422, "schema-invalid"],
  [429, "rate-limited"],
  [500, "provider-error"],
  [503, "provider-error"],
] as const)("status %i is %s", async (status, outcome) => {
  const { url } = await serve({ status, body: "no" });

  const result = await call({ url });

  expect(result.outcome).toBe(outcome);
  expect(result.reason).toContain(`HTTP ${status}`);
});

test.each([429, 503])("status %i with Retry-After says when to come back", async (status) => {
  const { url } = await serve({ status, headers: { "retry-after": "120" } });

  const result = await call({ url });

  expect(result).toMatchObject({ outcome: "rate-limited", retryAfterMs: 120_000 });
});

test("a redirect is not followed: the secret is for one address", async () => {
  const other = await serve(YES);
  const { url } = await serve({ status: 307, headers: { location: other.url } });

  const result = await call({ url, secret: "TOKEN" }, { secrets: { TOKEN: "a-long-secret" } });

  expect(result.reason).toContain("which is not followed");
  expect(other.seen).toEqual([]);
});

test("an answer that is larger than the agent may print is refused", async () => {
  const { url } = await serve({ body: JSON.stringify({ outputs: { answer: "x".repeat(2000) } }) });

  const result = await call({ url }, {}, { limits: { usd: 0, wall: "20s", outputKb: 1 } });

  expect(result).toMatchObject({
    outcome: "schema-invalid",
    reason: "it answered more than 1 KiB",
  });
});

test.each([
  ["<html>", `the answer is no JSON: it begins "<html>"`],
  ["", "the answer is no JSON: it is empty"],
])("an answer %j is no answer", async (body, reason) => {
  const { url } = await serve({ body });

  expect(await call({ url })).toMatchObject({ outcome: "schema-invalid", reason });
});

test("a function that does not answer in time ends the attempt", async () => {
  const { url } = await serve({ body: null });

  const result = await call({ url }, {}, { limits: { usd: 0, wall: "1s" } });

  expect(result).toMatchObject({ outcome: "timeout", started: true });
});

test("a function that cannot be reached was not begun", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.close();
  await once(server, "close");

  const result = await call({ url: `http://127.0.0.1:${port}/` }, { effectKey: "sha256:k" });

  expect(result).toMatchObject({ outcome: "provider-error", started: false });
});

test("an effect whose function fails may have happened", async () => {
  const { url } = await serve({ status: 500 });

  const result = await call({ url }, { effectKey: "sha256:k" }, { effects: "external" });

  expect(result).toMatchObject({ outcome: "uncertain", started: true });
});

test("an effect that was turned away has not happened", async () => {
  const { url } = await serve({ status: 401 });

  const result = await call({ url }, { effectKey: "sha256:k" }, { effects: "external" });

  expect(result).toMatchObject({ outcome: "auth", started: false });
});

const READABLE = [file("projects/studio/notes.txt", "hello"), file("agents/tester/prompt.md", "p")];

test("files are sent along only where the manifest says so, and never the agent's own", async () => {
  const { url, seen } = await serve(YES);

  await call({ url }, { files: READABLE });
  await call({ url, files: true }, { files: READABLE });

  const sent = seen.map(({ body }) => JSON.parse(body).files);
  expect(sent).toEqual([undefined, [{ path: "projects/studio/notes.txt", text: "hello" }]]);
});

test.each([
  [
    [file("projects/studio/large.txt", "x".repeat(300_000))],
    "the files that it may read come to more than 256 KiB, which a function is not sent",
  ],
  [
    [{ path: "logo.png", content: new Uint8Array([0xff, 0xd8]), executable: false }],
    "logo.png is no text, and a function is sent nothing else",
  ],
])("files that cannot be sent end the attempt before the call", async (files, reason) => {
  const { url, seen } = await serve(YES);

  const result = await call({ url, files: true }, { files });

  expect(result).toMatchObject({ outcome: "missing-data", reason });
  expect(seen).toEqual([]);
});

test("a contract calls no function", async () => {
  const { url, seen } = await serve(YES);

  const result = await execute(invocation({ runtime: { http: { url } } }), {
    ...options(),
    isOffline: true,
  });

  expect(result).toMatchObject({ outcome: "missing-tool", reason: "no function is called here" });
  expect(seen).toEqual([]);
});
