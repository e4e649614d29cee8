import { createHash, randomBytes, randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  redactSecrets,
  redactStart,
  scanSecrets,
  withoutCutSecret,
} from "#runner/core/secret-scan.ts";

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

const lower = (text: string): string =>
  text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
const ascii = (text: string): string =>
  text.replaceAll(
    /[^ -~]/g,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
const entities = (text: string, by: (code: number) => string): string =>
  text.replaceAll(/./gsu, (sign) => by(sign.codePointAt(0) ?? 0));
const wrapped = (text: string, width: number, by: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, "gsu")) ?? []).join(by);

test.each([
  ["percent-encoded in small letters", lower(encodeURIComponent(VALUE))],
  ["percent-encoded in full", Buffer.from(VALUE).toString("hex").replaceAll(/../g, "%$&")],
  ["percent-encoded here and there", VALUE.replace("s", "%73")],
  ["percent-encoded twice", encodeURIComponent(encodeURIComponent(VALUE))],
  ["in a form", new URLSearchParams({ a: VALUE }).toString().slice(2)],
  ["in JSON of ASCII alone", ascii(JSON.stringify(VALUE))],
  ["in JSON with escaped slashes", JSON.stringify(VALUE).replaceAll("/", "\\/")],
  ["in JSON within JSON", JSON.stringify(JSON.stringify({ VALUE }))],
  ["in a link within JSON", JSON.stringify(`a "link" ?p=${encodeURIComponent(VALUE)}`)],
  ["with the entities of HTML", VALUE.replaceAll('"', "&quot;").replaceAll("+", "&plus;")],
  ["with decimal entities", entities(VALUE, (code) => `&#${code};`)],
  [
    "with hexadecimal entities",
    entities(VALUE, (code) => `&#x${code.toString(16).toUpperCase()};`),
  ],
  ["with entities in a JSON text", JSON.stringify(VALUE.replaceAll('"', "&#34;") + '"')],
  ["over two lines", wrapped(VALUE, 7, "\n")],
  ["over lines that end in blanks", wrapped(VALUE, 7, "  \n")],
  ["over indented lines", wrapped(VALUE, 5, "\r\n    ")],
  ["over quoted lines", wrapped(VALUE, 5, "\n> ")],
  ["over lines that a mail breaks", wrapped(VALUE, 5, "=\r\n")],
  ["over lines within JSON", JSON.stringify(wrapped(VALUE, 6, "\n"))],
  ["in base64 over lines", wrapped(Buffer.from(VALUE).toString("base64"), 8, "\n")],
  [
    "in base64 with escaped signs",
    encodeURIComponent(Buffer.from(`??${VALUE}`).toString("base64")),
  ],
  ["in hex over lines", wrapped(Buffer.from(VALUE).toString("hex"), 10, "\n")],
])("a known value is found %s, and nothing of it is left", (_, form) => {
  const known = { SMTP_PASSWORD: VALUE };
  const text = `before ${form} after`;

  const clean = redactSecrets(text, known);

  expect(clean).toMatch(/^before "?.*\[redacted: secret:SMTP_PASSWORD\].*after$/s);
  expect(scanSecrets(clean, known)).toEqual([]);
  expect(clean.length).toBeLessThan("before  after[redacted: secret:SMTP_PASSWORD]".length + 25);
});

test.each([".*+?^${}()|[]\\", "a.c*e+", "$& $1 $`", '"},{"a', "%%%%%%%", "&amp;&lt;", "\\n\\n\\n"])(
  "signs that mean something elsewhere mean nothing here: %s",
  (value) => {
    const known = { TOKEN: value };

    expect(redactSecrets(`x ${value} y`, known)).toBe("x [redacted: secret:TOKEN] y");
    expect(scanSecrets("abcdefgh acce {} () ninini & < % $1 word", known)).toEqual([]);
  },
);

test("what only surrounds a value in the environment is no part of it", () => {
  expect(redactSecrets("it is open-sesame.", { TOKEN: "  open-sesame\n" })).toBe(
    "it is [redacted: secret:TOKEN].",
  );
});

test("a line of a key file, and a member of a key object, is a secret of its own", () => {
  const line = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ";
  const file = `-----BEGIN KEY-----\n${line}\n${line.toLowerCase()}\n-----END KEY-----\n`;
  const object = JSON.stringify({ client: { id: "studio-42", secret: "open sesame" }, port: 25 });
  const known = { FILE: file, OBJECT: object };

  expect(redactSecrets(`a ${line} b`, known)).toBe("a [redacted: secret:FILE] b");
  expect(redactSecrets("open sesame, studio-42", known)).toBe(
    "[redacted: secret:OBJECT], studio-42",
  );
  expect(scanSecrets("-----BEGIN KEY-----", known)).toEqual([]);
});

test("a part that is cut off is cut off after the secrets are replaced", () => {
  expect(redactStart("the word is open-sesame", { TOKEN: "open-sesame" }, 18)).toBe(
    "the word is [redac",
  );
});

test("where the beginning of a text is cut off, what may be the rest of a secret goes with it", () => {
  const again = withoutCutSecret(`esame${"open-sesame".repeat(20)} end`, { TOKEN: "open-sesame" });
  const rest =
    "sesame-sesame and then a log that goes on for quite a while, as logs do, on and on and on";

  const kept = withoutCutSecret(rest, { A: "sesame", TOKEN: "open-sesa" });

  expect(rest).toContain(kept);
  expect(kept).not.toContain("sesame");
  expect(kept).not.toBe("");
  expect(again.replaceAll("open-sesame", "")).toBe(" end");
});

test("a decoded text leads back to where it stands", () => {
  const known = { TOKEN: "open sesame" };

  expect(redactSecrets("%41%20 a=open%20sesame&b=%41 &amp; open sesame", known)).toBe(
    "%41%20 a=[redacted: secret:TOKEN]&b=%41 &amp; [redacted: secret:TOKEN]",
  );
});

test("whatever stands around it, a value is found and what is around it stays", () => {
  const around = fc.string({
    unit: fc.constantFrom("%", "4", "&", ";", "\\", "n", "\n", " ", "é", "a"),
  });
  const encoders = fc.constantFrom(
    (text: string) => text,
    encodeURIComponent,
    (text: string) => JSON.stringify(text).slice(1, -1),
    (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
  );
  fc.assert(
    fc.property(around, around, encoders, (before, after, encode) => {
      const known = { TOKEN: VALUE };

      const clean = redactSecrets(`${before} -- ${encode(VALUE)} -- ${after}`, known);

      expect(clean).toBe(`${before} -- [redacted: secret:TOKEN] -- ${after}`);
    }),
  );
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
