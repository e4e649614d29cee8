/** The id that git gives a blob. */
import { createHash } from "node:crypto";

export function blobId(content: Uint8Array, format: "sha1" | "sha256"): string {
  return createHash(format).update(`blob ${content.byteLength}\0`).update(content).digest("hex");
}
