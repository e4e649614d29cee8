import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { forward, openConnections, type Reply } from "#runner/gateway/forward.ts";
import { OPENAI_CHAT } from "#runner/gateway/openai-chat.ts";

/** What is made of a provider that answers with these bytes and goes, or stays. */
async function replyTo(bytes: string, stays: boolean): Promise<Reply> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      if (stays) socket.write(bytes);
      else socket.end(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const connections = openConnections();
  onTestFinished(() => {
    connections.http.destroy();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${address.port}/v1`;
  const upstream = {
    name: "main",
    provider: "openai-compatible",
    baseUrl,
    model: "m",
    price: "zero",
  } as const;
  return forward(
    {
      upstream,
      format: OPENAI_CHAT,
      path: "/chat/completions",
      headers: {},
      body: Buffer.from("{}"),
      signal: AbortSignal.timeout(5000),
    },
    connections,
  );
}

test("a switch of protocols is no answer, and is not waited for", async () => {
  const switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

  expect(await replyTo(switched, true)).toEqual({
    kind: "failed",
    isSent: true,
    message: "it ended without an answer",
  });
});

test("an end without a word is a failure of a request that was sent", async () => {
  expect(await replyTo("", false)).toMatchObject({ kind: "failed", isSent: true });
});

test("an answer is an answer", async () => {
  const whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

  const reply = await replyTo(whole, false);

  expect(reply.kind).toBe("answered");
  if (reply.kind === "answered") reply.message.resume();
});
