/** One request to a server of vectors: JSON there, JSON back, and in words why not. */

interface Asked {
  readonly url: string;
  readonly body: object;
  readonly token?: string;
  readonly signal: AbortSignal;
}

export type Answered =
  | { readonly ok: true; readonly answer: object }
  | { readonly ok: false; readonly why: string };

const PATIENCE_MS = 60_000;
const LARGEST_BYTES = 64 * 1024 * 1024;
const LONGEST_REASON = 200;

export async function askEmbedder({ url, body, token, signal }: Asked): Promise<Answered> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    const text = await textOf(response);
    if (text === null) return { ok: false, why: "its answer has more than 64 MiB" };
    if (!response.ok) return { ok: false, why: `it says ${response.status}: ${firstOf(text)}` };
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return { ok: true, answer };
    return { ok: false, why: "its answer is no object" };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
}

/** null: it does not end where an answer would. */
async function textOf({ body }: Response): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > LARGEST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return "its answer is no JSON";
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer in ${PATIENCE_MS / 1000} s`;
  const { cause } = error;
  return firstOf(cause instanceof Error && cause.message !== "" ? cause.message : error.message);
}

/** What a server says may be long, or a page; of an error in JSON its message. */
function firstOf(text: string): string {
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/u.exec(text)?.[1] ?? text;
  return message.replaceAll(/\s+/gu, " ").trim().slice(0, LONGEST_REASON);
}
