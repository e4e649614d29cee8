/** How the provider answers one request. */
import type { TokenUsage } from "#runner/core/money/token-usage.ts";

export type Scene =
  | {
      readonly kind: "answer";
      readonly text: string;
      /** The model wants a tool to be called; the text is empty then. */
      readonly tool?: { readonly name: string; readonly input: Readonly<Record<string, unknown>> };
      /** What the provider counts; null: it counts nothing. */
      readonly usage: TokenUsage | null;
      /** It writes more than it was allowed to. */
      readonly isBoundless?: boolean;
      readonly isTruncated?: boolean;
      readonly packing?: "gzip" | "br" | "secret";
      /** Bytes put into the answer that are no UTF-8. */
      readonly isGarbled?: boolean;
      readonly model?: string;
    }
  | {
      readonly kind: "error";
      readonly status: number;
      readonly message: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** As Google says when to come back. */
      readonly retryDelay?: string;
    }
  /** Says nothing more; after `start`, half of the answer has been sent. */
  | { readonly kind: "hang"; readonly after: "nothing" | "headers" | "start" }
  | { readonly kind: "crash"; readonly after: "nothing" | "start"; readonly usage?: TokenUsage };

type Answer = Extract<Scene, { kind: "answer" }>;

export const USAGE: TokenUsage = {
  inFresh: 100,
  cacheRead: 0,
  cacheWrite: 0,
  outText: 20,
  reasoning: 0,
};

export function says(text: string, more: Partial<Omit<Answer, "kind" | "text">> = {}): Answer {
  return { kind: "answer", text, usage: USAGE, ...more };
}

export function calls(name: string, input: Readonly<Record<string, unknown>> = {}): Answer {
  return { kind: "answer", text: "", tool: { name, input }, usage: USAGE };
}

export function fails(status: number, message = "no", headers = {}): Scene {
  return { kind: "error", status, message, headers };
}

/** As the providers say that a prompt is too long. */
export function overflows(): Scene {
  return fails(400, "prompt is too long: maximum context length is 200000 tokens");
}
