import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { type Provider, serveProvider } from "../support/provider/provider.ts";
import { says } from "../support/provider/scene.ts";
import { makeDesk } from "./program.ts";

const desk = makeDesk();
afterAll(desk.remove);

const MAIL = {
  subject: "A kind reminder of your invoice",
  body: `Dear client,\n\n${"your invoice is waiting to be paid. ".repeat(4)}\n\nAda\nNorthwind Studio`,
  cites: [],
};
/** 3 USD for a million tokens in, 15 for a million out: 0.0105 USD a mail. */
const USAGE = { inFresh: 1000, cacheRead: 0, cacheWrite: 0, outText: 500, reasoning: 0 };

async function serve(): Promise<Provider> {
  const provider = await serveProvider({ models: ["tiny"] });
  onTestFinished(() => provider.close());
  provider.play(says(JSON.stringify(MAIL), { usage: USAGE }));
  return provider;
}

test("a server on this machine writes the studio's reminders within the cap, and the brief says what they cost", async () => {
  const provider = await serve();
  // On a Monday the brief tells of the week before.
  const environment = {
    FETTLE_DEMO_MODEL: `${provider.url}/v1/`,
    FETTLE_NOW: "2026-11-25T09:00:00Z",
  };

  const tried = await desk.run(["try", "studio"], { environment });

  expect(tried.code).toBe(0);
  const mails = provider.asked.length;
  expect(mails).toBeGreaterThan(0);
  const limits = provider.asked.map(({ body }) => Number(body["max_tokens"]));
  expect(Math.max(...limits)).toBeLessThanOrEqual(800);
  const studio = desk.at(join(desk.folder, "studio"));
  const cost = ((mails * 10_500) / 1_000_000).toFixed(2);
  expect(briefIn(studio.folder)).toContain(`${cost} USD spent`);
  expect(briefIn(studio.folder)).toMatch(
    new RegExp(`collections +\\| reminder-writer \\| +${mails} \\| +${cost} USD`, "u"),
  );
  const [gate = ""] = /chase-invoices-\w+/u.exec(tried.stdout) ?? [];
  expect(await studio.git("diff", `main...fettle/gate/${gate}`)).toContain(MAIL.subject);
  expect(await studio.git("status", "--short")).toBe("");
});

test.each([
  ["https://api.example.com/v1", "is not on this machine"],
  ["http://127.0.0.1:9/v1", "nothing that lists models answers at http://127.0.0.1:9/v1/models"],
])("%s is refused before anything is made", async (url, words) => {
  const { code, stderr } = await desk.run(["try", "none"], {
    environment: { FETTLE_DEMO_MODEL: url },
  });

  expect(code).toBe(64);
  expect(stderr).toContain(words);
  expect(stderr).toContain("FETTLE_DEMO_MODEL=http://127.0.0.1:11434/v1");
  expect(existsSync(join(desk.folder, "none"))).toBe(false);
});

function briefIn(folder: string): string {
  const briefs = join(folder, "projects/weekly-brief/briefs");
  return readdirSync(briefs)
    .map((name) => readFileSync(join(briefs, name), "utf8"))
    .join("\n");
}
