import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import { FORMATS, openShop, REAL_KEY, type Format } from "./client.ts";

const [ANTHROPIC, CHAT, RESPONSES, GEMINI] = FORMATS;
if (!ANTHROPIC || !CHAT || !RESPONSES || !GEMINI) throw new Error("a format is missing");

describe.each(FORMATS)("$name", (format) => {
  const body = JSON.stringify(format.body("hi", 100));

  test.each([
    ["authorization", (token: string) => `Bearer ${token}`],
    ["x-api-key", (token: string) => token],
    ["x-goog-api-key", (token: string) => token],
  ])("the key alone, in %s, tells whose request it is", async (header, value) => {
    const { account, url, provider } = await openShop(format);
    const path = `${format.provider === "openai" ? "/v1" : ""}${format.path}`;

    const answer = await fetch(`${new URL(url).origin}${path}`, {
      method: "POST",
      headers: { [header]: value(account.token) },
      body,
    });

    expect(answer.status).toBe(200);
    expect(provider.asked).toHaveLength(1);
    expect(account.report().micros).toBe(300);
  });

  test("the base URL alone tells it too", async () => {
    const { account, url } = await openShop(format);

    const answer = await fetch(`${url}${format.path}`, { method: "POST", body });

    expect(answer.status).toBe(200);
    expect(account.report().micros).toBe(300);
  });

  test("a wrong key is turned away, whatever the base URL", async () => {
    const { post, provider } = await openShop(format);

    const answer = await post(body, { headers: { "x-api-key": "fettle-guessed" } });

    expect(answer.status).toBe(401);
    expect(format.message(answer.body)).toContain("no attempt under way has this key");
    expect(provider.asked).toEqual([]);
  });

  test("a model that the attempt may not ask is refused", async () => {
    const { account, post, provider } = await openShop(format, {
      upstream: { model: "other", models: ["third"] },
    });

    const answer = await post(body);

    expect(answer.status).toBe(403);
    expect(format.message(answer.body)).toContain(
      "may not ask the model m; it may ask other, third",
    );
    expect(account.report().refusals).toMatchObject([{ reason: "model-not-allowed", model: "m" }]);
    expect(provider.asked).toEqual([]);
  });

  test("a further model that is allowed is asked", async () => {
    const { post } = await openShop(format, { upstream: { model: "other", models: ["m"] } });

    expect((await post(body)).status).toBe(200);
  });

  test("a body that is no JSON object is refused", async () => {
    const { post, provider } = await openShop(format);

    for (const broken of ["", "{", "[]", "null"]) {
      const answer = await post(broken);
      expect(answer.status).toBe(400);
      expect(format.message(answer.body)).toContain("is no JSON object");
    }
    expect(provider.asked).toEqual([]);
  });

  test("a body that is too large is refused", async () => {
    const { account, post, provider } = await openShop(format, { maxRequestBytes: 1000 });

    const answer = await post(format.body("x".repeat(2000), 100));

    expect(answer.status).toBe(413);
    expect(account.report().refusals).toMatchObject([{ reason: "too-large" }]);
    expect(provider.asked).toEqual([]);
  });
});

test("a name that only points to the loopback is turned away, and no page may read an answer", async () => {
  const { account, url } = await openShop(CHAT);
  const { port, pathname } = new URL(url);
  const ask = async (host: string): Promise<unknown> => {
    const sent = request({
      port,
      host: "127.0.0.1",
      method: "POST",
      path: `${pathname}/chat/completions`,
      headers: { host, origin: "http://evil.example", "x-api-key": account.token },
    });
    sent.end(JSON.stringify(CHAT.body("hi", 100)));
    const [answer]: readonly IncomingMessage[] = await once(sent, "response");
    answer?.resume();
    return { status: answer?.statusCode, cors: answer?.headers["access-control-allow-origin"] };
  };

  expect(await ask(`evil.example:${port}`)).toEqual({ status: 401, cors: undefined });
  expect(await ask(`localhost:${port}`)).toEqual({ status: 200, cors: undefined });
});

test("an address that cannot be read is turned away", async () => {
  const { account, url } = await openShop(CHAT);
  const { origin, pathname } = new URL(url);

  const odd = await fetch(`${origin}${pathname.replace("main", "%zz")}/chat/completions`);

  expect(odd.status).toBe(404);
  expect(account.report().refusals).toMatchObject([{ reason: "unknown-path" }]);
});

test("the gateway listens on the loopback alone", async () => {
  const { url } = await openShop(CHAT);

  expect(new URL(url).hostname).toBe("127.0.0.1");
});

test.each<[Format, string]>([
  [CHAT, "/moderations"],
  [CHAT, "/images/generations"],
  [CHAT, "/audio/speech"],
  [CHAT, "/batches"],
  [CHAT, "/files"],
  [CHAT, "/completions"],
  [CHAT, "/../v1/moderations"],
  [RESPONSES, "/responses/compact"],
  [RESPONSES, "/responses/resp_1/cancel"],
  [ANTHROPIC, "/v1/messages/batches"],
  [ANTHROPIC, "/v1/files"],
  [ANTHROPIC, "/v1/complete"],
  [ANTHROPIC, "/v1/chat/completions"],
  [GEMINI, "/v1beta/models/m:embedContent"],
  [GEMINI, "/v1beta/models/m:predict"],
  [GEMINI, "/v1beta/models/m/x:generateContent"],
  [GEMINI, "/v1beta/cachedContents"],
  [GEMINI, "/v1beta/models/%zz:generateContent"],
])("$name: %s is not passed on", async (format, path) => {
  const { account, post, provider } = await openShop(format);

  const answer = await post(format.body("hi", 100), { path });

  expect(answer.status).toBe(404);
  expect(format.message(answer.body)).toContain("is not passed on");
  expect(account.report().refusals).toMatchObject([{ reason: "unknown-path" }]);
  expect(provider.asked).toEqual([]);
});

test.each<[Format, string]>([
  [ANTHROPIC, "/v1/models"],
  [CHAT, "/models"],
  [GEMINI, "/v1beta/models"],
])("$name: the models of the attempt are listed without asking anybody", async (format, path) => {
  const { account, url, provider } = await openShop(format, { upstream: { models: ["n"] } });

  const answer = await fetch(`${url}${path}`, { headers: { "x-api-key": account.token } });

  expect(answer.status).toBe(200);
  expect(await answer.text()).toMatch(/"(?:models\/)?m".*"(?:models\/)?n"/);
  expect(provider.asked).toEqual([]);
});

test.each<[Format, string, object]>([
  [ANTHROPIC, "/v1/messages/count_tokens", { model: "m", messages: [] }],
  [GEMINI, "/v1beta/models/m:countTokens", { contents: [] }],
])("$name: tokens are counted by the provider, for nothing", async (format, path, body) => {
  const { account, post, provider } = await openShop(format, { provider: { key: REAL_KEY } });

  const answer = await post(body, { path });

  expect(answer.status).toBe(200);
  expect(answer.text).toContain("42");
  expect(provider.asked[0]?.headers[format.keyHeader]).toBe(REAL_KEY);
  expect(account.report()).toMatchObject({ micros: 0, requests: 0, calls: [] });
  const other = await post({ ...body, model: "x" }, { path: path.replace("models/m", "models/x") });
  expect(other.status).toBe(403);
});
