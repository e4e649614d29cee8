/** What an agent answers, on standard output or over HTTP: one JSON object. */
import { isJsonObject } from "#runner/core/json-object.ts";
import { HugeNumber, parseAgentJson } from "./agent-json.ts";
import { isDone } from "#runner/core/outcome.ts";
import { retryAfterMsOf } from "#runner/core/retry-after.ts";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { failed, type RungResult, succeeded } from "./rung-result.ts";

/** What an agent may say of itself; the other outcomes are found by the runner. */
type SaidOutcome = Extract<
  Outcome,
  "succeeded" | "noop" | "missing-tool" | "missing-data" | "rate-limited" | "uncertain"
>;

export interface CommandReply {
  readonly outcome: SaidOutcome;
  readonly outputs: unknown;
  readonly memory: readonly unknown[];
  readonly rationale: string;
  readonly receipt?: Readonly<Record<string, unknown>>;
  /** Of a rate limit: seconds, or a date, as the provider said it. */
  readonly retryAfter?: unknown;
}

const SAID: readonly string[] = [
  "succeeded",
  "noop",
  "missing-tool",
  "missing-data",
  "rate-limited",
  "uncertain",
] satisfies SaidOutcome[];

const FIELDS: Readonly<Record<keyof CommandReply, (value: unknown) => boolean>> = {
  outcome: isSaid,
  outputs: () => true,
  memory: (value) => Array.isArray(value),
  rationale: (value) => typeof value === "string",
  receipt: isJsonObject,
  retryAfter: (value) => typeof value === "string" || typeof value === "number",
};

/** What the attempt comes to by what the agent says; `more`: what else is known of it. */
export function repliedResult(
  { outcome, outputs, retryAfter, ...said }: CommandReply,
  more: Partial<RungResult>,
): RungResult {
  const facts = { ...more, ...said };
  if (isDone(outcome)) return { ...succeeded(outputs, facts), outcome };
  const { files: _, ...rest } = facts;
  const retryAfterMs =
    outcome === "rate-limited" ? retryAfterMsOf(retryAfter, Date.now()) : undefined;
  return failed(outcome, said.rationale || "the agent says so", {
    ...rest,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The reply, or why the text is none. */
export function parseReply(text: string): CommandReply | string {
  let value: unknown;
  try {
    value = parseAgentJson(text);
  } catch (error) {
    return whyNoJson(error);
  }
  if (!isJsonObject(value)) return "is no JSON object";
  const wrong = Object.entries(value).find(([key, member]) => !isFieldValid(key, member));
  if (wrong !== undefined) return `has no use for its field "${wrong[0]}"`;
  return {
    outcome: isSaid(value["outcome"]) ? value["outcome"] : "succeeded",
    outputs: value["outputs"] ?? null,
    memory: Array.isArray(value["memory"]) ? value["memory"] : [],
    rationale: typeof value["rationale"] === "string" ? value["rationale"] : "",
    ...(isJsonObject(value["receipt"]) && { receipt: value["receipt"] }),
    ...("retryAfter" in value && { retryAfter: value["retryAfter"] }),
  };
}

function whyNoJson(error: unknown): string {
  return error instanceof HugeNumber ? "holds a number that is too large" : "is no JSON";
}

function isFieldValid(key: string, value: unknown): boolean {
  return isField(key) && FIELDS[key](value);
}

function isField(key: string): key is keyof CommandReply {
  return Object.hasOwn(FIELDS, key);
}

function isSaid(value: unknown): value is SaidOutcome {
  return typeof value === "string" && SAID.includes(value);
}
