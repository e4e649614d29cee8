/** Finds secrets in text: by the form of well-known tokens, and by the exact values that the runner holds. */
import { knownForms } from "./secret-form.ts";
import { type TextView, viewsOf } from "./secret-view.ts";

/** Values that must not leave the runner, by name. */
export type KnownSecrets = Readonly<Record<string, string>>;

export interface SecretFinding {
  /** Name of the rule, or `secret:<NAME>` for a known value. */
  readonly rule: string;
  /** In UTF-16 code units. */
  readonly offset: number;
}

interface Match extends SecretFinding {
  readonly end: number;
}

/** Anchored at prefixes that only these tokens have: hashes, uuids and base64 digests never match. */
const RULES: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ["aws-access-key", /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g],
  ["github-token", /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g],
  ["github-fine-grained-token", /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g],
  ["gitlab-token", /\bglpat-[\w-]{20,255}/g],
  ["slack-token", /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g],
  ["slack-webhook", /https:\/\/hooks\.slack\.com\/services\/T\w{1,20}\/B\w{1,20}\/\w{20,64}/g],
  ["anthropic-key", /\bsk-ant-[\w-]{24,255}/g],
  ["openai-key", /\bsk-(?:proj|svcacct|admin)-[\w-]{20,255}|\bsk-[A-Za-z0-9]{48}\b/g],
  ["google-api-key", /\bAIza[\w-]{35}/g],
  ["google-oauth-token", /\bya29\.[\w-]{20,512}/g],
  ["stripe-key", /\b(?:[sr]k_live_|whsec_)[A-Za-z0-9+/]{16,255}/g],
  ["npm-token", /\bnpm_[A-Za-z0-9]{36}\b/g],
  ["pypi-token", /\bpypi-AgEIcHlwaS[\w-]{50,255}/g],
  ["sendgrid-key", /\bSG\.[\w-]{22}\.[\w-]{43}/g],
  ["huggingface-token", /\bhf_[A-Za-z]{34}\b/g],
  ["digitalocean-token", /\bdo[opr]_v1_[a-f0-9]{64}\b/g],
  ["telegram-bot-token", /\b\d{8,10}:AA[\w-]{33}\b/g],
  ["json-web-token", /(?<![\w-])eyJ[\w-]{10,4096}\.eyJ[\w-]{10,4096}\.[\w-]{10,4096}/g],
  [
    "private-key",
    /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----(?:[\s\S]{0,16384}?-----END [A-Z0-9 ]{0,64}-----|[\s\S]{0,16384})/g,
  ],
];

/** Every secret in the text, by offset. */
export function scanSecrets(text: string, known: KnownSecrets): SecretFinding[] {
  return findAll(text, known).map(({ rule, offset }) => ({ rule, offset }));
}

/** The text with every secret replaced by `[redacted: <rule>]`. */
export function redactSecrets(text: string, known: KnownSecrets): string {
  let clean = "";
  let from = 0;
  for (const match of findAll(text, known)) {
    if (match.end <= from) continue;
    if (match.offset >= from) clean += `${text.slice(from, match.offset)}[redacted: ${match.rule}]`;
    from = match.end;
  }
  return clean + text.slice(from);
}

/** The same of UTF-8; what holds no secret stays as it is. */
export function redactBytes(bytes: Uint8Array, known: KnownSecrets): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const clean = redactSecrets(text, known);
  return clean === text ? bytes : new TextEncoder().encode(clean);
}

function findAll(text: string, known: KnownSecrets): Match[] {
  // To iterate over matches takes a copy of the pattern; nearly all texts hold none.
  const byForm = RULES.filter(([, pattern]) => text.search(pattern) !== -1).flatMap(
    ([rule, pattern]) =>
      Array.from(text.matchAll(pattern), (match) => ({
        rule,
        offset: match.index,
        end: match.index + match[0].length,
      })),
  );
  return [...byForm, ...findValues(text, known)].toSorted(
    (a, b) => a.offset - b.offset || b.end - a.end,
  );
}

/** Held values, however they are written. */
function findValues(text: string, known: KnownSecrets): readonly Match[] {
  const forms = Object.entries(known).map(([name, value]) => [name, knownForms(value)] as const);
  if (forms.length === 0) return [];
  const found = new Map<string, Match>();
  for (const view of viewsOf(text)) {
    for (const [name, ofValue] of forms) {
      for (const match of ofValue.flatMap((form) => occurrences(view, `secret:${name}`, form))) {
        found.set(`${match.rule} ${match.offset} ${match.end}`, match);
      }
    }
  }
  return [...found.values()];
}

function occurrences({ text, placeOf }: TextView, rule: string, form: string): Match[] {
  const matches: Match[] = [];
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + form.length)) {
    const [offset, end] = placeOf(at, at + form.length);
    matches.push({ rule, offset, end });
  }
  return matches;
}

/** An escape of one byte takes at most so many characters. */
const LONGEST_ESCAPE = 8;

/** A text whose beginning was cut off: what may be the rest of a secret is cut off too, and never through another. */
export function withoutCutSecret(text: string, known: KnownSecrets): string {
  const longest = Math.max(0, ...Object.values(known).map(({ length }) => length));
  const from = findAll(text, known).reduce(
    (cut, { offset, end }) => (offset < cut && end > cut ? end : cut),
    longest * LONGEST_ESCAPE,
  );
  return text.slice(from);
}

/** The first `length` characters of the text with its secrets replaced; a secret is never cut before it is seen. */
export function redactStart(text: string, known: KnownSecrets, length: number): string {
  return redactSecrets(text, known).slice(0, length);
}
