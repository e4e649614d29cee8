/** What the gateway must know of a provider's format; one implementation a format. */
import type { TokenUsage } from "#runner/core/money/token-usage.ts";
import type { JsonObject } from "#runner/core/json-object.ts";
import type { Refusal } from "./refusal.ts";

export type ProviderKind = "anthropic" | "openai" | "openai-compatible" | "google";

/** Asks a model. Formats that name the model or the stream in the path say so here. */
export interface GenerateRoute {
  readonly kind: "generate";
  readonly path: string;
  readonly model?: string;
  readonly isStream?: boolean;
}

/** Counts tokens, which costs nothing. */
export interface CountRoute {
  readonly kind: "count";
  readonly path: string;
  readonly model?: string;
}

/** Where a request goes. Paths are those below the provider's base URL. */
export type Route =
  | GenerateRoute
  | CountRoute
  /** Which models there are; the gateway answers by itself. */
  | { readonly kind: "models" };

/** What a request asks for. */
export interface Asked {
  readonly model: string;
  readonly isStream: boolean;
  /** Limit of the answer in tokens; undefined where the client sent none. */
  readonly maxOutput: number | undefined;
  /** Tokens that the answer needs beside its text, such as a budget for thinking. */
  readonly thinking: number;
}

export type Reading =
  | { readonly ok: true; readonly asked: Asked }
  /** It could cost money that nobody counts, or cannot be read. */
  | { readonly ok: false; readonly problem: string };

/** What an answer, or one event of a stream, tells. */
export interface Seen {
  readonly model?: string | undefined;
  /** Usage as the provider says it; later events add to it and replace what they repeat. */
  readonly usage?: JsonObject | undefined;
  /** The answer is whole. */
  readonly isEnd?: boolean;
  /** The client did not ask for this event. */
  readonly isExtra?: boolean;
}

export interface ProviderFormat {
  readonly providers: readonly ProviderKind[];
  /** Undefined where this format has no such path. */
  readonly route: (method: string, path: string, query: URLSearchParams) => Route | undefined;
  readonly read: (body: JsonObject, route: GenerateRoute) => Reading;
  /** The body as it is sent: with the limit, and with usage asked for in a stream. */
  readonly limited: (body: JsonObject, maxOutput: number, provider: ProviderKind) => JsonObject;
  readonly inAnswer: (answer: JsonObject) => Seen;
  /** `body` is what the client sent. */
  readonly inEvent: (data: string, body: JsonObject) => Seen;
  /** Undefined where the provider said nothing that counts. */
  readonly usageOf: (usage: JsonObject) => TokenUsage | undefined;
  readonly models: (names: readonly string[]) => unknown;
  readonly errorBody: (refusal: Refusal) => unknown;
  readonly keyHeader: (key: string) => readonly [name: string, value: string];
}
