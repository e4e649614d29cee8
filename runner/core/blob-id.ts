/** The ids that git gives to objects. */
import { hash } from "node:crypto";

type Format = "sha1" | "sha256";

export function blobId(content: Uint8Array, format: Format): string {
  return objectId("blob", content, format);
}

export function objectId(
  kind: "blob" | "tree" | "commit",
  content: Uint8Array,
  format: Format,
): string {
  return hash(format, Buffer.concat([Buffer.from(`${kind} ${content.length}\0`), content]));
}
