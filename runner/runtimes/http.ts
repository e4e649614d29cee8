/** The `http` rung: a function behind an address; the JSON of a command's standard input there, that of its output back. */
import { entryOf } from "#runner/core/entry.ts";
import { redactStart } from "#runner/core/secret-scan.ts";
import type { HttpCall, HttpRung, Outcome } from "#runner/schema/types.gen.ts";
import { requestOf } from "./agent-request.ts";
import { parseReply, repliedResult } from "./command-reply.ts";
import type { Invocation } from "./invocation.ts";
import { outputBytes } from "./program-verdict.ts";
import { retryAfterMsOf } from "#runner/core/retry-after.ts";
import { failed, type RungCall, type RungResult } from "./rung-result.ts";

const LARGEST_FILES = 256 * 1024;

/**
 * Sends one request and follows no redirect: the secret is for the address in the manifest alone.
 * It cannot ask models: the way to them is on this machine.
 */
export async function runHttp({ http }: HttpRung, call: RungCall): Promise<RungResult> {
  const { invocation } = call;
  const token = http.secret === undefined ? "" : entryOf(invocation.secrets, http.secret);
  if (token === undefined) return failed("auth", `no secret ${http.secret}`);
  const files = http.files === true ? textsOf(invocation) : {};
  if (typeof files === "string") return failed("missing-data", files);
  const request: RequestInit = {
    method: http.method ?? "POST",
    headers: headersOf(http, token, invocation.effectKey),
    body: JSON.stringify({ ...requestOf(invocation, null), ...files }),
    redirect: "manual",
  };
  const timeout = AbortSignal.timeout(Math.max(call.remainingMs(), 0));
  const signal = AbortSignal.any([call.signal, timeout]);
  try {
    const response = await fetch(http.url, { ...request, signal });
    const text = await bodyOf(response, outputBytes(invocation));
    return response.ok ? answered(text, invocation) : refused(response, text ?? "", invocation);
  } catch (error) {
    return broken(error, call);
  }
}

function headersOf(
  { headers }: HttpCall,
  token: string,
  effectKey: string | undefined,
): Readonly<Record<string, string>> {
  return {
    ...headers,
    accept: "application/json",
    "content-type": "application/json",
    ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
    ...(effectKey === undefined ? {} : { "idempotency-key": effectKey }),
  };
}

/** The files that the agent may read, without its own; why they cannot be sent. */
function textsOf({ agent, files }: Invocation): { readonly files: readonly object[] } | string {
  const own = `agents/${agent.name}/`;
  const given = files.filter(({ path }) => !path.startsWith(own));
  const bytes = given.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > LARGEST_FILES) {
    return `the files that it may read come to more than ${LARGEST_FILES / 1024} KiB, which a function is not sent`;
  }
  const texts = given.map(({ path, content }) => ({ path, text: Buffer.from(content).toString() }));
  const binary = given.find(
    ({ content }, index) => !Buffer.from(texts[index]?.text ?? "").equals(content),
  );
  return binary === undefined
    ? { files: texts }
    : `${binary.path} is no text, and a function is sent nothing else`;
}

/** undefined when there is more of it than the agent may answer. */
async function bodyOf({ body }: Response, mostBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function answered(text: string | undefined, invocation: Invocation): RungResult {
  const facts = { started: true };
  if (text === undefined) {
    const kib = outputBytes(invocation) / 1024;
    return failed("schema-invalid", `it answered more than ${kib} KiB`, facts);
  }
  const reply = parseReply(text);
  if (typeof reply === "string") {
    const start = redactStart(text, invocation.secrets, 200);
    const shown = text === "" ? "it is empty" : `it begins ${JSON.stringify(start)}`;
    return failed("schema-invalid", `the answer ${reply.slice(0, 100)}: ${shown}`, facts);
  }
  return repliedResult(reply, facts);
}

function refused(response: Response, text: string, { secrets }: Invocation): RungResult {
  const { status, headers } = response;
  const retryAfterMs = retryAfterMsOf(headers.get("retry-after"), Date.now());
  const isLimit = status === 429 || (status === 503 && retryAfterMs !== undefined);
  const said = redactStart(text.trim().split("\n", 1)[0] ?? "", secrets, 200);
  const where = status >= 300 && status < 400 ? redirection(headers) : said;
  const reason = [`HTTP ${status}`, where].filter(Boolean).join(": ");
  const outcome = isLimit ? "rate-limited" : outcomeOf(status);
  return failed(outcome, reason, {
    started: !TURNED_AWAY.has(outcome),
    ...(isLimit && retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function redirection(headers: Headers): string {
  const to = URL.parse(headers.get("location") ?? "")?.origin ?? "another address";
  return `it redirects to ${to}, which is not followed: write the address itself`;
}

/** Nothing was done yet. */
const TURNED_AWAY: ReadonlySet<Outcome> = new Set(["auth", "missing-tool"]);

function outcomeOf(status: number): Outcome {
  if (status >= 500) return "provider-error";
  switch (status) {
    case 401:
    case 403:
      return "auth";
    case 402:
      return "budget-exhausted";
    case 408:
      return "timeout";
    case 413:
      return "context-overflow";
    case 404:
    case 405:
    case 410:
      return "missing-tool";
    default:
      return status < 400 ? "missing-tool" : "schema-invalid";
  }
}

/** What could not be connected was not begun. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function broken(error: unknown, { signal, remainingMs }: RungCall): RungResult {
  if (signal.aborted) return failed("cancelled", "it was stopped", { started: true });
  if (remainingMs() <= 0 || (error instanceof Error && error.name === "TimeoutError")) {
    return failed("timeout", "it did not answer in time", { started: true });
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const started = !NOT_CONNECTED.has(code);
  const what = cause instanceof Error ? cause.message || code : String(error);
  return failed("provider-error", `no answer: ${what}`, { started });
}
