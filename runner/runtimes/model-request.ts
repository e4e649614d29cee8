/** One request to a model. Loaded only when one is asked: the library is large. */
import {
  APICallError,
  generateText,
  jsonSchema,
  type LanguageModelUsage,
  NoObjectGeneratedError,
  Output,
} from "ai";
import type { JsonSchema, ModelSettings, Outcome } from "#runner/schema/types.gen.ts";
import { modelOf } from "./language-model.ts";
import { readJsonAnswer } from "./model-answer.ts";
import type { OutputCheck } from "./output-check.ts";
import { retryAfterMsOf } from "./retry-after.ts";

export interface ModelRequest {
  readonly provider: ModelSettings["provider"];
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  readonly instructions: string;
  readonly prompt: string;
  readonly maxOutputTokens: number;
  readonly schema: JsonSchema;
  readonly check: OutputCheck;
  readonly signal: AbortSignal;
}

interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

/** What servers do not count stays unknown; an aborted request is a `timeout`. */
export type Answer =
  | { readonly ok: true; readonly outputs: unknown; readonly usage: Usage }
  | Failure;

export interface Failure {
  readonly ok: false;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly retryAfterMs?: number;
  readonly usage: Usage;
}

/** Asks once, without retries. An answer wrapped in a code fence or in talk is unwrapped. */
export async function askModel(request: ModelRequest): Promise<Answer> {
  // The library prints its warnings on standard error, where only the runner speaks.
  Reflect.set(globalThis, "AI_SDK_LOG_WARNINGS", false);
  try {
    const { output, usage } = await generateText({
      model: await modelOf(request),
      instructions: request.instructions,
      prompt: request.prompt,
      output: Output.object({ schema: schemaOf(request) }),
      maxOutputTokens: request.maxOutputTokens,
      maxRetries: 0,
      abortSignal: request.signal,
    });
    return { ok: true, outputs: output, usage: usageOf(usage) };
  } catch (error) {
    return failure(error, request);
  }
}

function schemaOf({ schema, check }: ModelRequest): ReturnType<typeof jsonSchema> {
  return jsonSchema(JSON.parse(JSON.stringify(schema)), {
    validate: (value) => {
      const problem = check(value);
      return problem === undefined
        ? { success: true, value }
        : { success: false, error: new Error(problem) };
    },
  });
}

function usageOf(usage: LanguageModelUsage | undefined): Usage {
  const { inputTokens, outputTokens } = usage ?? {};
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
  };
}

function failure(error: unknown, request: ModelRequest): Answer {
  if (request.signal.aborted)
    return { ok: false, outcome: "timeout", reason: "it did not answer in time", usage: {} };
  if (NoObjectGeneratedError.isInstance(error)) return unwrapped(error, request);
  if (APICallError.isInstance(error)) return { ok: false, ...refusalOf(error), usage: {} };
  return { ok: false, outcome: "provider-error", reason: messageOf(error), usage: {} };
}

function unwrapped(
  { text, usage: used, finishReason }: NoObjectGeneratedError,
  request: ModelRequest,
): Answer {
  const usage = usageOf(used);
  const found = readJsonAnswer(text ?? "");
  const problem = found.ok ? request.check(found.value) : found.reason;
  if (found.ok && problem === undefined) return { ok: true, outputs: found.value, usage };
  const isCut = finishReason === "length";
  const reason = isCut
    ? `the answer is cut at ${request.maxOutputTokens} tokens`
    : `the answer does not fit: ${problem}`;
  return { ok: false, outcome: "schema-invalid", reason, usage };
}

interface Refusal {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly retryAfterMs?: number;
}

function refusalOf(error: APICallError): Refusal {
  const { statusCode, responseHeaders = {} } = error;
  const reason =
    statusCode === undefined
      ? `no answer: ${messageOf(error)}`
      : `HTTP ${statusCode}: ${messageOf(error)}`;
  const retryAfter = responseHeaders["retry-after"];
  const retryAfterMs = retryAfterMsOf(retryAfter, Date.now());
  // An overloaded server that says when to come back limits the rate, whatever it calls it.
  const isLimit = statusCode === 429 || (statusCode === 503 && retryAfterMs !== undefined);
  if (isLimit) {
    const when = retryAfter === undefined ? "" : ` (Retry-After: ${retryAfter.slice(0, 40)})`;
    return {
      outcome: "rate-limited",
      reason: reason + when,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  return { outcome: outcomeOf(statusCode, error.message), reason };
}

function outcomeOf(status: number | undefined, message: string): Outcome {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "budget-exhausted";
  const saysTooLong = /context (?:length|window|size)|too many tokens|maximum context/i.test(
    message,
  );
  return status === 413 || (status === 400 && saysTooLong) ? "context-overflow" : "provider-error";
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}
