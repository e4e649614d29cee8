/** Doors to models: the gateway with the prices, keys and grants of this workspace. */
import { entryOf } from "#runner/core/entry.ts";
import type { ModelCall } from "#runner/core/model-call.ts";
import { costOfUsage, type ModelPrice, priceOf } from "#runner/core/money/price.ts";
import { NO_SPEND, type Spend, totalSpend } from "#runner/core/money/spend.ts";
import { countOfTokens, inputTokens } from "#runner/core/money/token-usage.ts";
import type { PriceOf } from "#runner/core/money/worst-case.ts";
import type { AccountReport, Gateway, RecordedExchange } from "#runner/gateway/options.ts";
import type { Upstream } from "#runner/gateway/upstream.ts";
import type { DoorGuest, DoorOpened, OpenDoor, Toll } from "#runner/runtimes/model-door.ts";
import type { ModelSettings } from "#runner/schema/types.gen.ts";
import { refusalOf } from "./door-refusal.ts";
import type { TokenSamples } from "./token-samples.ts";
import type { PricesInForce, PricesRead } from "./price-table.ts";

export interface Doors {
  readonly gateway: Gateway;
  /** Told what providers count. */
  readonly samples?: TokenSamples;
  readonly prices: (commit: string) => Promise<PricesRead>;
  readonly clock: () => string;
}

/** Where the providers are when fettle.yaml does not say. */
const BASE_URLS: Readonly<Record<ModelSettings["provider"], string | undefined>> = {
  anthropic: "https://api.anthropic.com",
  openai: "https://api.openai.com/v1",
  google: "https://generativelanguage.googleapis.com",
  "openai-compatible": undefined,
};

/**
 * The attempt's own clock ends its requests, and then the attempt closes its door. At the same instant by a clock of its
 * own the door would cut them off first, now and then, and the attempt would take that for a failure of the provider.
 */
const DOOR_GRACE_MS = 1000;

export function doorOpener(doors: Doors): OpenDoor {
  return async (invocation, { models, signal, remainingMs, hold }): Promise<DoorOpened> => {
    const { grant, commit } = invocation;
    if (grant === undefined || commit === undefined) {
      return { ok: false, outcome: "budget-exhausted", reason: "it was granted nothing" };
    }
    const read = await doors.prices(commit);
    if (!read.ok) return { ok: false, outcome: "provider-error", reason: read.reason };
    const upstreams = upstreamsOf(invocation, models, { prices: read.prices, at: doors.clock() });
    const exchanges: RecordedExchange[] = [];
    const account = await doors.gateway.open({
      grant: {
        micros: grant.micros,
        ...(grant.tokens === null ? {} : { tokens: grant.tokens }),
        ...(grant.requests === null ? {} : { requests: grant.requests }),
      },
      upstreams,
      signal,
      deadline: Date.now() + remainingMs + DOOR_GRACE_MS,
      hold,
      record: (exchange) => {
        exchanges.push(exchange);
        sample(doors.samples, exchange);
      },
    });
    const door = {
      urlFor: account.urlFor,
      token: account.token,
      refusals: () => account.report().refusals.map((refusal) => refusalOf(refusal, invocation)),
      close: async () => tollOf(await account.close(), exchanges, read.prices.digest),
    };
    return { ok: true, door };
  };
}

/** Only a whole answer has a count that is the provider's. */
function sample(samples: TokenSamples | undefined, { call, request }: RecordedExchange): void {
  const { provider, modelAsked, usage, basis, isWhole, requestBytes: bytes } = call;
  if (!isWhole || basis === "estimated") return;
  const hasImages = Buffer.from(request).includes("image");
  samples?.note(provider, modelAsked, { bytes, inputTokens: inputTokens(usage), hasImages });
}

interface Pricing {
  readonly prices: PricesInForce;
  readonly at: string;
}

/** Models that fettle.yaml does not have, and those without a key, are left out: the rung says why. */
function upstreamsOf(
  { models, secrets }: DoorGuest,
  names: readonly string[],
  pricing: Pricing,
): readonly Upstream[] {
  return names.flatMap((name): readonly Upstream[] => {
    const settings = entryOf(models, name);
    if (settings === undefined) return [];
    const { provider, model, key, baseUrl = BASE_URLS[provider] } = settings;
    const limits = limitsOf(settings);
    const value = key === undefined ? undefined : entryOf(secrets, key);
    if (baseUrl === undefined || (key !== undefined && value === undefined)) return [];
    const price = upstreamPrice(priceOf(settings, pricing.prices.table, pricing.at));
    return [
      {
        name,
        provider,
        baseUrl,
        model,
        price,
        limits,
        ...(value === undefined ? {} : { key: value }),
      },
    ];
  });
}

function limitsOf({ maxParallel, perMinute }: ModelSettings): NonNullable<Upstream["limits"]> {
  return {
    ...(maxParallel === undefined ? {} : { concurrency: maxParallel }),
    ...(perMinute === undefined ? {} : { requestsPerMinute: perMinute }),
  };
}

function upstreamPrice(price: ModelPrice): Upstream["price"] {
  switch (price.kind) {
    case "zero":
      return "zero";
    case "subscription":
      return {
        subscription: price.shadow === null ? null : dearest(price.shadow.possible),
      };
    case "unpriced":
      return null;
    case "priced":
      return dearest(price.tariff.possible);
  }
}

/** Prices that change soon: the dearest of those that may count. */
function dearest(possible: readonly Parameters<typeof costOfUsage>[0][]): PriceOf {
  return (usage) => Math.max(...possible.map((price) => costOfUsage(price, usage)));
}

function tollOf(
  report: AccountReport,
  exchanges: readonly RecordedExchange[],
  prices: string,
): Toll {
  const calls = exchanges.map(callOf);
  const spend = totalSpend(calls.map(spendOf));
  return { spend: { ...spend, requests: report.requests }, calls, prices };
}

function callOf({ call, request, response }: RecordedExchange): ModelCall {
  const { upstream, provider, modelAsked, modelAnswered, status, usage, micros, basis } = call;
  return {
    model: upstream,
    provider,
    modelId: modelAnswered ?? modelAsked,
    status,
    micros,
    ...(basis === "subscription" ? { shadowMicros: call.shadowMicros } : {}),
    basis,
    ...usage,
    ms: Math.round(call.ms),
    request,
    response,
  };
}

function spendOf(call: ModelCall): Spend {
  const { micros, basis, inFresh, cacheRead, cacheWrite, outText, reasoning } = call;
  const tokens = countOfTokens({ inFresh, cacheRead, cacheWrite, outText, reasoning });
  const amount = { micros, tokens, requests: 1, ms: 0 };
  const models = { [`${call.provider}/${call.modelId}`]: amount };
  return { ...NO_SPEND, micros, tokens, requests: 1, basis, models };
}
