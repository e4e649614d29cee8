import { afterAll, beforeEach, expect, test } from "vitest";
import type { Sent } from "#runner/core/notifier.ts";
import type { Notify } from "#runner/schema/types.gen.ts";
import { notifier } from "#runner/notify/notifier.ts";
import { hookServer } from "../support/hook-server.ts";
import { mailServer } from "../support/mail-server.ts";

const hook = await hookServer();
const SECRETS = { HOOK: `${hook.url}/secret`, OTHER: "x" };

beforeEach(() => {
  hook.asked.length = 0;
  hook.status = 200;
});
afterAll(() => hook.close());

const notification = {
  on: "gate-opened",
  key: "gate-opened/g1",
  title: "Send the <!channel> mails",
  text: "risk 80\nfettle approve g1",
} as const;

function send(to: string, secrets: Readonly<Record<string, string>> = SECRETS): Promise<Sent> {
  const notify: Notify = { on: ["gate-opened"], to };
  const { signal } = new AbortController();
  return notifier.send({ notify, notification, workspace: "studio" }, secrets, signal);
}

test.each([
  [
    (url: string) => `${url}/hook`,
    "/hook",
    { on: "gate-opened", title: notification.title, workspace: "studio" },
  ],
  [(url: string) => `webhook:${url}/w`, "/w", { on: "gate-opened", workspace: "studio" }],
  [() => "webhook:$HOOK", "/secret", { key: "gate-opened/g1", text: notification.text }],
  [(url: string) => `slack:${url}/s`, "/s", { text: expect.stringContaining("&lt;!channel&gt;") }],
  [() => "slack:$HOOK", "/secret", { text: expect.stringContaining("risk 80") }],
  [
    (url: string) => url.replace("http:", "ntfy:").concat("/my-topic"),
    "/",
    { topic: "my-topic", title: notification.title, message: notification.text },
  ],
])("%s is posted to what it names", async (to, path, body) => {
  expect(await send(to(hook.url))).toEqual({ kind: "sent" });

  expect(hook.asked).toMatchObject([{ method: "POST", path }]);
  expect(JSON.parse(hook.asked[0]?.body ?? "")).toMatchObject(body);
});

test.each([
  ["an error is a refusal", 500, "refused"],
  ["a connection that is lost in the middle leaves a doubt", null, "unknown"],
] as const)("%s", async (_, status, kind) => {
  hook.status = status;

  expect(await send(`${hook.url}/hook`)).toMatchObject({ kind });
});

test("a place where nobody listens is a refusal, and so is a secret that is not set", async () => {
  expect(await send(await nobody())).toMatchObject({ kind: "refused" });
  expect(await send("slack:$NONE")).toEqual({
    kind: "refused",
    why: "the secret $NONE is not set",
  });
  expect(await send("mailto:ada@northwind.example")).toMatchObject({ kind: "refused" });
});

/** Where somebody has listened until now. */
async function nobody(): Promise<string> {
  const { url, close } = await hookServer();
  close();
  return url;
}

test("the heartbeat is asked for", async () => {
  const { signal } = new AbortController();

  expect(await notifier.ping("$HOOK", SECRETS, signal)).toEqual({ kind: "sent" });
  expect(hook.asked).toMatchObject([{ method: "GET", path: "/secret" }]);
});

test.each([
  ["is sent", {}, "sent", 1],
  ["is refused by a server that greets with an error", { greeting: "554 no" }, "refused", 0],
  ["is refused by a server that does not take it", { mail: "554 no" }, "refused", 1],
  ["is in doubt when the connection breaks after it", { mail: null }, "unknown", 1],
] as const)("a mail %s", async (_, manners, kind, count) => {
  const server = await mailServer(manners);

  const sent = await send("mailto:ada@northwind.example", { SMTP_URL: server.url });
  server.close();

  expect(sent.kind).toBe(kind);
  expect(server.got).toHaveLength(count);
  expect(server.got.join("")).toContain(count === 0 ? "" : "Subject: [studio] Send the");
});

test.each([
  ["https://hooks.example:6000/x", "no HTTP client asks port 6000"],
  ["https://[::1]:25/", "no HTTP client asks port 25"],
  ["https://hooks.example:99999", "there is no port 99999"],
])(
  "a secret address of a port that cannot be asked (%s) is refused with its reason",
  async (address, why) => {
    expect(await send("webhook:$HOOK", { HOOK: address })).toEqual({ kind: "refused", why });
  },
);
