/** The forms in which a secret value may turn up in text. */

/** Shorter values would match ordinary words. */
const SHORTEST = 6;

/** The value raw, JSON-escaped, URL-encoded, in hex and in base64; with the password of a URL as a value of its own. Longest first. */
export function knownForms(value: string): string[] {
  const values = [value, ...urlPasswords(value)].filter((text) => text.length >= SHORTEST);
  const forms = values.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
    ...hexForms(text),
    ...base64Forms(text),
  ]);
  return [...new Set(forms)].toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
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
