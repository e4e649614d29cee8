/** RFC 8785 JSON and the digests made of it. */
import { hash } from "node:crypto";

/** Canonical JSON text: keys sorted by UTF-16 code units, no white space; undefined members are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) {
    // Long lists are lists of names.
    if (value.every((element) => typeof element === "string")) return JSON.stringify(value);
    return `[${value.map((element) => canonicalJson(element ?? null)).join(",")}]`;
  }
  if (typeof value === "object" && value !== null) return objectText({ ...value });
  return JSON.stringify(value) ?? "null";
}

function objectText(value: Readonly<Record<string, unknown>>): string {
  let text = "";
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key];
    if (member === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** SHA-256 of the canonical JSON, as `sha256:<hex>`. */
export function digestOf(value: unknown): string {
  return digestOfBytes(canonicalJson(value));
}

/** SHA-256 of bytes or UTF-8 text, as `sha256:<hex>`. */
export function digestOfBytes(content: string | Uint8Array): string {
  return `sha256:${hash("sha256", content)}`;
}
