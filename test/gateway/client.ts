/** Clients of the four formats, and a gateway between them and a provider. */
import { afterEach } from "vitest";
import {
  serveProvider,
  type Provider,
  type ProviderOptions,
} from "../support/provider/provider.ts";
import { openGateway } from "#runner/gateway/gateway.ts";
import type {
  Account,
  AccountOptions,
  GatewayOptions,
  RecordedExchange,
} from "#runner/gateway/options.ts";
import type { Upstream } from "#runner/gateway/upstream.ts";
import type { ProviderKind } from "#runner/gateway/provider-format.ts";
import { inputTokens, outputTokens, type TokenUsage } from "#runner/core/money/token-usage.ts";

export const REAL_KEY = "sk-real-0123456789";

/** 1 micro-USD a token in, 10 a token out. */
function price(usage: TokenUsage): number {
  return inputTokens(usage) + 10 * outputTokens(usage);
}

export interface Format {
  readonly name: string;
  readonly provider: ProviderKind;
  readonly path: string;
  readonly body: (prompt: string, limit?: number) => Readonly<Record<string, unknown>>;
  /** Name of the limit in the body, as a path. */
  readonly limit: (body: Readonly<Record<string, unknown>>) => unknown;
  readonly keyHeader: string;
  readonly message: (body: unknown) => unknown;
  /** The same, asked for as a stream. */
  readonly streamed: (body: Readonly<Record<string, unknown>>) => unknown;
  readonly streamPath?: string;
}

const messages = (content: string): readonly object[] => [{ role: "user", content }];

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

export const FORMATS: readonly Format[] = [
  {
    name: "Anthropic messages",
    provider: "anthropic",
    path: "/v1/messages",
    body: (prompt, limit) => ({
      model: "m",
      messages: messages(prompt),
      ...(limit !== undefined && { max_tokens: limit }),
    }),
    limit: (body) => body["max_tokens"],
    keyHeader: "x-api-key",
    message: (body) => at(body, "error", "message"),
    streamed: (body) => ({ ...body, stream: true }),
  },
  {
    name: "OpenAI chat completions",
    provider: "openai",
    path: "/chat/completions",
    body: (prompt, limit) => ({
      model: "m",
      messages: messages(prompt),
      ...(limit !== undefined && { max_completion_tokens: limit }),
    }),
    limit: (body) => body["max_completion_tokens"],
    keyHeader: "authorization",
    message: (body) => at(body, "error", "message"),
    streamed: (body) => ({ ...body, stream: true }),
  },
  {
    name: "OpenAI responses",
    provider: "openai",
    path: "/responses",
    body: (prompt, limit) => ({
      model: "m",
      input: prompt,
      ...(limit !== undefined && { max_output_tokens: limit }),
    }),
    limit: (body) => body["max_output_tokens"],
    keyHeader: "authorization",
    message: (body) => at(body, "error", "message"),
    streamed: (body) => ({ ...body, stream: true }),
  },
  {
    name: "Gemini",
    provider: "google",
    path: "/v1beta/models/m:generateContent",
    streamPath: "/v1beta/models/m:streamGenerateContent?alt=sse",
    body: (prompt, limit) => ({
      contents: [{ role: "user", parts: [{ text: prompt }] }],
      ...(limit !== undefined && { generationConfig: { maxOutputTokens: limit } }),
    }),
    limit: (body) => at(body, "generationConfig", "maxOutputTokens"),
    keyHeader: "x-goog-api-key",
    message: (body) => at(body, "error", "message"),
    streamed: (body) => body,
  },
];

export interface Shop {
  readonly provider: Provider;
  readonly account: Account;
  readonly records: readonly RecordedExchange[];
  readonly post: (body: unknown, more?: Post) => Promise<Answer>;
  readonly url: string;
}

export interface Post {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export interface ShopOptions extends GatewayOptions {
  readonly grant?: AccountOptions["grant"];
  readonly upstream?: Partial<Upstream>;
  readonly provider?: ProviderOptions;
  readonly account?: Partial<AccountOptions>;
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A provider, a gateway before it, and an account of 1 USD with one upstream. */
export async function openShop(format: Format, options: ShopOptions = {}): Promise<Shop> {
  const { grant = { micros: 1_000_000 } } = options;
  const provider = await serveProvider(options.provider);
  const gateway = openGateway(options);
  const records: RecordedExchange[] = [];
  const account = await gateway.open({
    grant,
    upstreams: [upstreamOf(format, provider, options.upstream)],
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
    record: (exchange) => void records.push(exchange),
    ...options.account,
  });
  closers.push(
    () => provider.close(),
    () => gateway.close(),
  );
  const url = account.urlFor("main");
  return {
    provider,
    account,
    records,
    url,
    post: (body, more = {}) => post(`${url}${more.path ?? format.path}`, body, account, more),
  };
}

function upstreamOf(
  { provider: kind }: Format,
  provider: Provider,
  more: Partial<Upstream> = {},
): Upstream {
  return {
    name: "main",
    provider: kind,
    baseUrl: kind.startsWith("openai") ? `${provider.url}/v1` : provider.url,
    model: "m",
    key: REAL_KEY,
    price,
    ...more,
  };
}

async function post(url: string, body: unknown, account: Account, more: Post): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": account.token, ...more.headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(more.signal !== undefined && { signal: more.signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
