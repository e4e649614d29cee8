import type { IncomingMessage } from "node:http";
import { addAbortSignal } from "node:stream";

/** The body; undefined where it is larger than allowed, or was cut off. */
export async function bodyOf(
  request: IncomingMessage,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of addAbortSignal(signal, request)) {
      if (!Buffer.isBuffer(chunk)) return undefined;
      length += chunk.length;
      if (length > maxBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks, length);
}
