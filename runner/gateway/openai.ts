/** What OpenAI's two formats have in common. */
import type { JsonObject } from "#runner/core/json-object.ts";
import { countAt, objectAt } from "./json-value.ts";
import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import { type Refusal, statusOf } from "./refusal.ts";
import { OWN_PRICE, type PricedField } from "./surcharge.ts";

export function openAiError(refusal: Refusal): unknown {
  const { reason, message } = refusal;
  return { error: { message, type: errorType(refusal), param: null, code: codeOf(reason) } };
}

function codeOf(reason: Refusal["reason"]): string {
  return reason.replaceAll("-", "_");
}

const ERROR_TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  402: "insufficient_quota",
  429: "rate_limit_error",
  502: "server_error",
};

function errorType(refusal: Refusal): string {
  return ERROR_TYPES[statusOf(refusal)] ?? "invalid_request_error";
}

export function openAiModels(names: readonly string[]): unknown {
  return {
    object: "list",
    data: names.map((id) => ({ id, object: "model", created: 0, owned_by: "fettle" })),
  };
}

export function bearer(key: string): readonly [string, string] {
  return ["authorization", `Bearer ${key}`];
}

/** Priority costs more, flex less. */
export const TIER: PricedField = {
  field: "service_tier",
  harmless: ["auto", "default"],
  problem: OWN_PRICE,
};

interface Names {
  readonly input: string;
  readonly output: string;
}

/** Its totals include the cache and the reasoning. */
export function openAiUsage(usage: JsonObject, { input, output }: Names): TokenUsage | undefined {
  const total = countAt(usage, `${input}_tokens`);
  const written = countAt(usage, `${output}_tokens`);
  if (total === undefined || total === 0 || written === undefined) return undefined;
  const inputs = objectAt(usage, `${input}_tokens_details`);
  const cacheRead = countAt(inputs, "cached_tokens") ?? 0;
  const cacheWrite = countAt(inputs, "cache_write_tokens") ?? 0;
  const reasoning = countAt(objectAt(usage, `${output}_tokens_details`), "reasoning_tokens") ?? 0;
  return {
    inFresh: Math.max(total - cacheRead - cacheWrite, 0),
    cacheRead,
    cacheWrite,
    outText: Math.max(written - reasoning, 0),
    reasoning,
  };
}
