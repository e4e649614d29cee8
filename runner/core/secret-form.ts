/** The forms in which a secret value may turn up in text. */

/** Shorter values would match ordinary words. */
export const SHORTEST_SECRET = 6;
const SHORTEST_LINE = 16;

/**
 * The value, and what of it is a secret of its own (the password of a URL, the lines of a key file, the members of a
 * JSON object that are named so): raw, in hex and in base64. Longest first. Escapes are undone where it is searched for.
 */
export function knownForms(value: string): string[] {
  const values = [value, value.trim(), ...urlPasswords(value), ...lines(value), ...members(value)];
  const forms = values
    .filter(isSearchable)
    .flatMap((text) => [text, ...hexForms(text), ...base64Forms(text)]);
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** Whether a value can be told from ordinary words. */
export function isSearchable(value: string): boolean {
  return value.trim().length >= SHORTEST_SECRET;
}

function urlPasswords(value: string): string[] {
  const encoded = /^[a-z][a-z0-9+.-]*:\/\/[^/@]*?:([^/@]+)@/i.exec(value)?.[1];
  if (encoded === undefined) return [];
  try {
    return [encoded, decodeURIComponent(encoded)];
  } catch {
    return [encoded]; // not percent-encoded: the text is the password
  }
}

/** Of a key file any line is too much; its first and last are no secret. */
function lines(value: string): string[] {
  const all = value.split(/[\r\n]+/).map((line) => line.trim());
  if (all.length === 1) return [];
  return all.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"));
}

function members(value: string): string[] {
  if (!value.trim().startsWith("{")) return [];
  try {
    return secretMembers(JSON.parse(value));
  } catch {
    return [];
  }
}

function secretMembers(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (typeof member !== "string") return secretMembers(member);
    return /key|secret|token|passw/i.test(name) ? [member, ...lines(member)] : [];
  });
}

function hexForms(text: string): string[] {
  const hex = Buffer.from(text).toString("hex");
  return [hex, hex.toUpperCase()];
}

/** Within a longer encoded text the value starts at one of three bit positions; the characters that it shares are left out. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]);
    const shared = shift === 0 ? 0 : shift + 1;
    const whole = Math.floor((bytes.length * 8) / 6);
    return (["base64", "base64url"] as const).map((alphabet) =>
      bytes.toString(alphabet).slice(shared, whole),
    );
  });
}
