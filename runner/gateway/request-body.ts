import type { IncomingMessage } from "node:http";
import { addAbortSignal } from "node:stream";

export type RequestBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  /** The client has gone, or the attempt is over. */
  | { readonly kind: "cut" };

export async function bodyOf(
  request: IncomingMessage,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<RequestBody> {
  if (signal.aborted) return { kind: "cut" };
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of addAbortSignal(signal, request)) {
      if (!Buffer.isBuffer(chunk)) return { kind: "cut" };
      length += chunk.length;
      if (length > maxBytes) return { kind: "too-large" };
      chunks.push(chunk);
    }
  } catch {
    return { kind: "cut" };
  }
  return { kind: "whole", bytes: Buffer.concat(chunks, length) };
}
