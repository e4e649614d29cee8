/** Short answers of a provider: an error, a count. */
import type { IncomingMessage } from "node:http";
import { unpacked } from "./forward.ts";

const MAX_BYTES = 1024 * 1024;

/** Some providers repeat the key that they do not like: the agent must not learn it. */
export async function shortAnswer(
  message: IncomingMessage,
  key: string | undefined,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of unpacked(message) ?? message) {
      if (!Buffer.isBuffer(chunk)) break;
      length += chunk.length;
      if (length > MAX_BYTES) break;
      chunks.push(chunk);
    }
  } catch {
    // Cut off: what came is what it said.
  }
  const text = Buffer.concat(chunks).toString("utf8");
  return key === undefined || key === "" ? text : text.replaceAll(key, "[key]");
}
