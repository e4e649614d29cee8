/** Requests to models in words: what each cost, and where the amount comes from. */
import { amountWords } from "#runner/core/money/amount-words.ts";
import type { AttemptRecord, ModelCall } from "#runner/schema/types.gen.ts";

export interface CallWords {
  /** `draft[INV-1]`, with its attempt where that is not the first. */
  readonly of: string;
  readonly text: string;
}

/** Every request of the attempts, in their order. */
export function callWords(attempts: readonly AttemptRecord[]): readonly CallWords[] {
  return attempts.flatMap((attempt) =>
    (attempt.calls ?? []).map((call) => ({ of: nameOf(attempt), text: wordsOf(call) })),
  );
}

/** Digests of the prices that the requests were settled by, each once. */
export function pricesOf(attempts: readonly AttemptRecord[]): readonly string[] {
  return [...new Set(attempts.flatMap(({ prices }) => prices ?? []))];
}

function nameOf({ step, item, attempt }: AttemptRecord): string {
  const unit = item === null ? step : `${step}[${item}]`;
  return attempt === 1 ? unit : `${unit} attempt ${attempt}`;
}

/** `0.0012 USD metered: 1200 tokens in, 300 out; gpt-4o-mini (model default)`. */
function wordsOf(call: ModelCall): string {
  const { micros, basis, model, modelId, status } = call;
  const given = call.inFresh + call.cacheRead + call.cacheWrite;
  const cached = call.cacheRead === 0 ? "" : ` (${call.cacheRead} cached)`;
  const made = call.outText + call.reasoning;
  const answer = status === 200 ? "" : `; ${status === null ? "no answer" : `HTTP ${status}`}`;
  const cost = `${amountWords("micros", micros)} ${basis}${shadowWords(call)}`;
  return `${cost}: ${given} tokens in${cached}, ${made} out; ${modelId} (model ${model})${answer}`;
}

function shadowWords({ shadowMicros }: ModelCall): string {
  return shadowMicros === undefined ? "" : ` (by tokens ${amountWords("micros", shadowMicros)})`;
}
