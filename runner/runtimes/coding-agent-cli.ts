/** What differs between the coding agents: how one is started, and what it reports. */
import type { CodingAgentRung, JsonSchema, Outcome } from "#runner/schema/types.gen.ts";
import type { Line } from "./json-lines.ts";

export type Permissions = NonNullable<CodingAgentRung["permissions"]>;

export interface LaunchOrder {
  /** Its own; holds nothing but what the order lays out. */
  readonly home: string;
  /** As its client wants it; leads to the one model. */
  readonly baseUrl: string;
  /** What stands where a key would. */
  readonly key: string;
  readonly model: string;
  readonly permissions: Permissions;
  /** Of the final answer; null where the agent cannot be told. */
  readonly schema: JsonSchema | null;
  /** Where the agent itself should stop, should the runner fail to; null for a model that costs nothing. */
  readonly maxUsd: number | null;
  readonly maxTurns: number | null;
  /** Id of one whose transcript is laid out. */
  readonly session: string | null;
}

/** The prompt comes on standard input, which is closed then. */
export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Text by path below its home. */
  readonly files: Readonly<Record<string, string>>;
}

export interface CodingAgentReport {
  /** It said itself that it came to its end, well or badly. */
  readonly isComplete: boolean;
  /** Its last message. */
  readonly text: string;
  /** Made to fit the schema by the agent itself. */
  readonly structured?: unknown;
  /** What it wanted to do and was not allowed to. */
  readonly denials: readonly string[];
  readonly failure?: CliFailure;
  /** What it believes to have spent in all of its session, earlier attempts included. */
  readonly reportedUsd?: number;
}

export interface CliFailure {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** How its sessions go on in a later attempt. */
export interface SessionPlaces {
  /** Paths of transcripts below its home, with the session's `id` in them; the newest counts. */
  readonly pattern: RegExp;
  /** Where a transcript must be laid for a session in the folder `work`. */
  readonly placeOf: (
    session: { readonly id: string; readonly path: string },
    work: string,
  ) => string;
}

export interface CodingAgentCli {
  readonly program: string;
  readonly launch: (order: LaunchOrder) => Launch;
  readonly report: (lines: readonly Line[]) => CodingAgentReport;
  /** null: it begins anew each time. */
  readonly sessions: SessionPlaces | null;
}

/** What a provider's status means for the attempt. */
export function failureOf(status: number | undefined, message: string): CliFailure {
  return { outcome: outcomeOf(status, message), reason: firstLine(message) || "it failed" };
}

function outcomeOf(status: number | undefined, message: string): Outcome {
  const isTooLong = /context (?:length|window)|prompt is too long|too many tokens/iu.test(message);
  if (status === 413 || isTooLong) return "context-overflow";
  switch (status) {
    case undefined:
      return "crashed";
    case 401:
    case 403:
      return "auth";
    case 402:
      return "budget-exhausted";
    case 404:
      return "missing-tool";
    case 429:
      return "rate-limited";
    default:
      return "provider-error";
  }
}

function firstLine(text: string): string {
  return (text.trim().split("\n", 1)[0] ?? "").slice(0, 300);
}
