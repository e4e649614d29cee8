/** What a gateway is opened with, and what it tells. */
import type { RefusalReason } from "#runner/core/refusal-outcome.ts";
import type { Cost, Allowance } from "#runner/core/money/reservation.ts";
import { bytesPerToken } from "#runner/core/money/token-estimate.ts";
import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import type { Lack } from "./refusal.ts";
import type { Upstream } from "./upstream.ts";
import type { ProviderKind } from "./provider-format.ts";

export interface GatewayOptions {
  /** Bytes of a request per token of input, as far as that is known. */
  readonly bytesPerToken?: (provider: ProviderKind, model: string) => number;
  /** An answer is not cut below this, but denied. */
  readonly floorTokens?: number;
  /** Limit of an answer where the client sets none. */
  readonly outputTokens?: number;
  /** Answers to one and the same request before it counts as a loop. */
  readonly repeats?: number;
  readonly maxRequestBytes?: number;
  readonly maxResponseBytes?: number;
  readonly now?: () => number;
}

export type Settings = Readonly<Required<GatewayOptions>>;

const MIB = 1024 * 1024;

export function settingsOf(options: GatewayOptions): Settings {
  return {
    bytesPerToken: () => bytesPerToken([]),
    floorTokens: 512,
    outputTokens: 8192,
    repeats: 4,
    maxRequestBytes: 32 * MIB,
    maxResponseBytes: 64 * MIB,
    now: () => Date.now(),
    ...options,
  };
}

/** One attempt of a step. */
export interface AccountOptions {
  readonly grant: Allowance;
  readonly upstreams: readonly Upstream[];
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 after which nothing is asked and what is under way is cut off. */
  readonly deadline: number;
  /** Told what all requests have taken and hold, before any of them is sent. */
  readonly hold?: (amount: Cost & { readonly requests: number }) => void;
  /** Called once for each request that reached a provider, when it is over. */
  readonly record: (exchange: RecordedExchange) => Promise<void> | void;
}

/** Bytes of one exchange. Headers hold no keys. */
export interface RecordedExchange {
  readonly call: Call;
  readonly path: string;
  /** As the agent sent it. */
  readonly request: Uint8Array;
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** As the agent got it. */
  readonly response: Uint8Array;
  readonly responseHeaders: Readonly<Record<string, string>>;
}

export type Basis = "metered" | "estimated" | "subscription";

export interface Call {
  readonly upstream: string;
  readonly provider: ProviderKind;
  readonly modelAsked: string;
  readonly modelAnswered: string | null;
  /** Null where the provider never answered. */
  readonly status: number | null;
  readonly usage: TokenUsage;
  readonly micros: number;
  /** What a subscription would have cost at the listed price, if there is one. */
  readonly shadowMicros: number;
  readonly basis: Basis;
  readonly reserved: Cost;
  /** Limit of the answer that the provider was given. */
  readonly outputLimit: number;
  /** Tokens that the input was taken for, before the provider counted. */
  readonly inputEstimate: number;
  readonly requestBytes: number;
  readonly ms: number;
  readonly firstByteMs: number | null;
  /** SHA-256 in hex. */
  readonly requestDigest: string;
  readonly responseDigest: string;
  /** The answer has come to its end. */
  readonly isWhole: boolean;
}

export interface ReportedRefusal {
  readonly reason: RefusalReason;
  readonly message: string;
  readonly upstream: string | null;
  readonly model: string | null;
  readonly retryAfterMs?: number;
  readonly lack?: Lack;
}

export interface AccountReport {
  readonly calls: readonly Call[];
  readonly refusals: readonly ReportedRefusal[];
  readonly micros: number;
  readonly usage: TokenUsage;
  readonly requests: number;
  /** What requests under way hold. */
  readonly held: Cost;
}

export interface Account {
  /** Base URL for clients of the upstream's provider. */
  readonly urlFor: (upstream: string) => string;
  /** What the agent gets as key. */
  readonly token: string;
  readonly report: () => AccountReport;
  /** Cuts off what is under way, and tells how it ended. */
  readonly close: () => Promise<AccountReport>;
}

export interface Gateway {
  readonly open: (account: AccountOptions) => Promise<Account>;
  readonly close: () => Promise<void>;
}
