/** The id that git gives a blob. */
import { hash } from "node:crypto";

export function blobId(content: Uint8Array, format: "sha1" | "sha256"): string {
  return hash(format, Buffer.concat([Buffer.from(`blob ${content.byteLength}\0`), content]));
}
