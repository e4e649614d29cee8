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
    const text = await response.text();
    if (!response.ok) return { ok: false, why: `it says ${response.status}: ${firstOf(text)}` };
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return { ok: true, answer };
    return { ok: false, why: "its answer is no object" };
  } catch (error) {
    return { ok: false, why: reasonOf(error) };
  }
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
