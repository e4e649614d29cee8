import { createHash, randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { redactSecrets, scanSecrets } from "#runner/core/secret-scan.ts";

const LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0xLaB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0xL";
const body = (length: number): string => LETTERS.repeat(4).slice(0, length);

// The dots are taken out, so that no scanner of source text finds a token in this file.
test.each([
  ["aws-access-key", "AKIA·IOSFODNN7EXAMPLE"],
  ["github-token", `ghp·_${body(36)}`],
  ["github-fine-grained-token", `github·_pat_${body(22)}_${body(59)}`],
  ["gitlab-token", `glpat·-${body(20)}`],
  ["slack-token", `xoxb·-1234567890-${body(20)}`],
  ["slack-webhook", `https://hooks.slack·.com/services/T0AB12CD/B0AB12CD/${body(24)}`],
  ["anthropic-key", `sk-·ant-api03-${body(60)}`],
  ["openai-key", `sk-·proj-${body(60)}`],
  ["openai-key", `sk-·${body(48)}`],
  ["google-api-key", `AIza·${body(35)}`],
  ["google-oauth-token", `ya29·.${body(40)}`],
  ["stripe-key", `sk_·live_${body(24)}`],
  ["npm-token", `npm·_${body(36)}`],
  ["pypi-token", `pypi-·AgEIcHlwaS${body(60)}`],
  ["sendgrid-key", `SG·.${body(22)}.${body(43)}`],
  ["huggingface-token", "hf·_AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh"],
  ["digitalocean-token", `dop·_v1_${"0123456789abcdef".repeat(4)}`],
  ["telegram-bot-token", `123456789:·AA${body(33)}`],
  ["json-web-token", `eyJ·${body(20)}.eyJ${body(30)}.${body(43)}`],
  [
    "private-key",
    `-----BEGIN RSA ·PRIVATE KEY-----\nProc-Type: 4\n${body(60)}\n-----END RSA PRIVATE KEY-----`,
  ],
])("the form of a %s is known, wherever it stands", (rule, dotted) => {
  const text = `key = "${dotted.replace("·", "")}", more`;

  expect(scanSecrets(text, {})).toEqual([{ rule, offset: 7 }]);
  expect(redactSecrets(text, {})).toBe(`key = "[redacted: ${rule}]", more`);
});

test("hashes, uuids, base64 digests and ordinary words are no secrets", () => {
  const lines = Array.from({ length: 300 }, (_, at) => [
    createHash("sha1").update(String(at)).digest("hex"),
    createHash("sha256").update(String(at)).digest("hex"),
    `sha512-${createHash("sha512").update(String(at)).digest("base64")}`,
    randomUUID(),
    randomBytes(48).toString("base64"),
    randomBytes(48).toString("base64url"),
  ]);
  const words =
    "task-force sk-learn risk-free npm_config_cache AKIA eyJ hf_ https://user@example.org -----BEGIN CERTIFICATE-----";

  expect(scanSecrets([...lines.flat(), words].join("\n"), {})).toEqual([]);
});

const VALUE = 'p@ss "wörd"/+1';

test.each([
  ["raw", VALUE],
  ["in JSON", JSON.stringify(VALUE)],
  ["in a URL", encodeURIComponent(VALUE)],
  ["in hex", Buffer.from(VALUE).toString("hex")],
  ["in upper-case hex", Buffer.from(VALUE).toString("hex").toUpperCase()],
  ["in base64", Buffer.from(VALUE).toString("base64")],
  ["in base64url", Buffer.from(VALUE).toString("base64url")],
  ["in base64, after one other byte", Buffer.from(`a${VALUE}bc`).toString("base64")],
  ["in base64, after two other bytes", Buffer.from(`ab${VALUE}`).toString("base64")],
])("a known value is found %s", (_, form) => {
  const findings = scanSecrets(`x ${form} y`, { SMTP_PASSWORD: VALUE });

  expect(findings.length).toBeGreaterThan(0);
  expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(["secret:SMTP_PASSWORD"]));
  expect(
    scanSecrets(redactSecrets(`x ${form} y`, { SMTP_PASSWORD: VALUE }), { SMTP_PASSWORD: VALUE }),
  ).toEqual([]);
});

test("the password of a URL is a secret of its own", () => {
  const known = { SMTP_URL: "smtp://ada:s3cr%2Ft-word@mail.example:587" };

  expect(scanSecrets("the word is s3cr/t-word", known)).toEqual([
    { rule: "secret:SMTP_URL", offset: 12 },
  ]);
});

test("a value too short to mean anything is not searched for", () => {
  expect(scanSecrets("dev develops devices", { MODE: "dev" })).toEqual([]);
});

test("secrets that overlap are redacted together", () => {
  const known = { LONG: "abcdefghij", PART: "defghi", NEXT: "hijklm" };

  expect(redactSecrets("x abcdefghijklm y", known)).toBe("x [redacted: secret:LONG] y");
});

test("a private key without an end is redacted to the end", () => {
  const text = `a -----BEGIN ·PRIVATE KEY-----\n${body(60)}`.replace("·", "");

  expect(redactSecrets(text, {})).toBe("a [redacted: private-key]");
});
