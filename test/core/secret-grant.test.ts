import { expect, test } from "vitest";
import { missingSecret } from "#runner/core/secret-grant.ts";
import type { Workspace } from "#runner/schema/types.gen.ts";

const settings: Pick<Workspace, "secrets" | "models"> = {
  secrets: {
    SMTP_URL: { env: "MAIL", agents: ["mailer"] },
    TOKEN: { env: "TOKEN" },
    SPARE: { env: "SPARE", optional: true },
    API_KEY: { env: "API_KEY" },
  },
  models: { default: { provider: "anthropic", model: "m", key: "API_KEY" } },
};

const held = { SMTP_URL: "smtp://mail", TOKEN: "open-sesame", API_KEY: "sk-something" };

function why(
  name: string,
  secrets: string[],
  values: Readonly<Record<string, string>> = held,
): string | undefined {
  return missingSecret({ name, manifest: { secrets } }, settings, values);
}

test.each([
  ["mailer", ["SMTP_URL", "TOKEN"]],
  ["writer", ["TOKEN"]],
  ["writer", ["SPARE"]],
  ["writer", []],
])("%s may have %j", (name, secrets) => {
  expect(why(name, secrets)).toBeUndefined();
});

test.each([
  ["writer", "SMTP_URL", held, "fettle.yaml does not grant SMTP_URL to agent writer"],
  ["writer", "NOTHING", held, "secret NOTHING is not declared in fettle.yaml"],
  ["writer", "constructor", held, "secret constructor is not declared in fettle.yaml"],
  ["writer", "API_KEY", held, "API_KEY is the key of model default, which no program is given"],
  ["mailer", "SMTP_URL", {}, "secret SMTP_URL is not set: the environment variable MAIL is empty"],
  [
    "writer",
    "TOKEN",
    { TOKEN: "12345 " },
    "secret TOKEN has fewer than 6 characters: it cannot be told from ordinary words, and so not be kept out of what is written",
  ],
  [
    "writer",
    "SPARE",
    { SPARE: "dev" },
    "secret SPARE has fewer than 6 characters: it cannot be told from ordinary words, and so not be kept out of what is written",
  ],
])("%s may not have %s", (name, secret, values, reason) => {
  expect(why(name, [secret], values)).toBe(reason);
});
