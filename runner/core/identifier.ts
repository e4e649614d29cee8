/** Names that follow from content, so that two runners give the same thing the same name. */
import { hash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** `length` base32 characters (Crockford's alphabet) of the SHA-256 of `value`. */
export function shortDigest(value: unknown, length: number): string {
  const digest = hash("sha256", canonicalJson(value), "buffer");
  return Array.from(digest.subarray(0, length), (byte) => ALPHABET[byte % 32]).join("");
}

/** `<pipeline>.<12 characters>`; the same slot gives the same run on every runner. */
export function runId(project: string, pipeline: string, slot: string): string {
  return `${pipeline}.${shortDigest({ project, pipeline, slot }, 12)}`;
}

/** `<pipeline>-<8 characters>`; a valid part of a branch name. */
export function gateId(pipeline: string, run: string, step: string): string {
  return `${pipeline.slice(0, 48)}-${shortDigest({ run, step }, 8)}`;
}

/** A value as text that identifies something; null for what has no single spelling, and for nothing. */
export function keyText(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

const DIGEST_LENGTH = 12;
const WITH_DIGEST = /-[0-9a-z]{12}$/;

/** Part of a file name for an item key: readable where it is safe, always unique, even for keys made to collide. */
export function itemSlug(key: string): string {
  const readable = key
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 40);
  const isSafe = readable === key && !WITH_DIGEST.test(key);
  return isSafe ? key : `${readable || "item"}-${shortDigest(key, DIGEST_LENGTH)}`;
}
