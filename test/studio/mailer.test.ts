import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Answer, makeFolder, type Request, runAgent } from "./run-agent.ts";

const letter: Request = {
  inputs: {
    from: "Ada at Northwind Studio <ada@northwind.example>",
    to: "keiri@sakura-design.example",
    subject: "Second reminder (明朝)",
    body: "Dear Ms Sato,\n\nJPY 480,000 was due.\n",
    reference: "NW-2026-054",
  },
  effect: { key: "sha256:aa", resume: false },
};

/** Answers of a mail server, line by line, and what it does with the mail itself. */
interface Manners {
  readonly greeting?: string;
  readonly recipient?: string;
  /** null: hangs up. */
  readonly mail?: string | null;
}

async function sendThrough(manners: Manners, request: Request): Promise<Answer & { got: string }> {
  const received: string[] = [];
  const server = createServer((socket) => converse(socket, manners, received));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const environment = { SMTP_URL: `smtp://127.0.0.1:${portOf(server.address())}` };
  const folder = await makeFolder();
  const answer = await runAgent("mailer/main.gen.mjs", folder, { ...request, environment });
  server.close();
  return { ...answer, got: received.join("") };
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

function converse(socket: Socket, manners: Manners, received: string[]): void {
  const { greeting = "220 hello", recipient = "250 ok", mail = "250 queued" } = manners;
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  let isMail = false;
  socket.on("error", () => socket.destroy());
  say(greeting);
  socket.on("data", (chunk) => {
    const text = chunk.toString();
    if (isMail) {
      received.push(text);
      isMail = !received.join("").endsWith("\r\n.\r\n");
      if (!isMail && mail === null) socket.destroy();
      else if (!isMail && mail !== null) say(mail);
      return;
    }
    isMail = text.startsWith("DATA");
    say(isMail ? "354 go on" : text.startsWith("RCPT") ? recipient : "250 ok");
  });
}

test("without a mail server the same mail gives the same file in the outbox", async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(async () => {
      const folder = await makeFolder();
      const answer = await runAgent("mailer/main.gen.mjs", folder, letter);
      const outbox = join(folder, "projects/collections/outbox");
      const names = await readdir(outbox);
      return { answer, names, mail: await readFile(join(outbox, names[0] ?? ""), "utf8") };
    }),
  );

  expect(first).toEqual(second);
  expect(first?.names).toEqual(["2026-11-22-nw-2026-054-e13d86e1.eml"]);
  expect(first?.mail).toContain("Date: Sun, 22 Nov 2026 08:00:00 +0000\n");
  expect(first?.mail).toContain(`Message-ID: ${String(first?.answer.receipt?.["messageId"])}\n`);
});

test("with a mail server the mail goes out under the effect's own Message-ID", async () => {
  const answer = await sendThrough({}, letter);

  expect(answer).toMatchObject({ outcome: "succeeded", receipt: { via: "smtp" } });
  expect(answer.got).toContain("Message-ID: <e13d86e11689d3f85975e6a0359f8bed@northwind.example>");
});

test.each([
  ["a server that turns us away", { greeting: "554 go away" }, "missing-tool"],
  ["a recipient that does not exist", { recipient: "550 no such user" }, "missing-data"],
  ["a mail that is refused", { mail: "550 spam" }, "missing-data"],
  ["a line that breaks after the mail", { mail: null }, "uncertain"],
])("%s is not taken for a sent mail", async (_, manners, outcome) => {
  const answer = await sendThrough(manners, letter);

  expect(answer).toMatchObject({ outcome, outputs: null });
  expect(answer.receipt).toBeUndefined();
});

test.each([
  ["a later attempt", { attempt: 2 }],
  ["a resumed effect", { effect: { key: "sha256:aa", resume: true } }],
])("%s does not send a mail that may have left already", async (_, again) => {
  const answer = await sendThrough({}, { ...letter, ...again });

  expect(answer).toMatchObject({ outcome: "uncertain", got: "" });
  expect(answer.rationale).toContain("<e13d86e11689d3f85975e6a0359f8bed@northwind.example>");
});
