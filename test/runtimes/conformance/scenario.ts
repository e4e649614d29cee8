/** What can happen between an agent and its model, and how the attempt must end, whatever the agent is. */
import { calls, fails, overflows, says, type Scene } from "../../support/provider/scene.ts";
import type { Agent, Outcome } from "#runner/schema/types.gen.ts";

export interface Expected {
  readonly outcome: Outcome;
  /** Only where it succeeds. */
  readonly outputs?: unknown;
  readonly reason?: RegExp;
  /** Requests that reach the provider; 1 when left out. */
  readonly asked?: number;
  /** How long to wait, of a rate limit. */
  readonly retryAfterMs?: number;
  /**
   * What is settled for it. `counted`: by the provider's count. `estimated`: more than 0, though nobody counted.
   * `none`: the provider did nothing that it is paid for.
   */
  readonly spend?: "counted" | "estimated" | "none";
}

export interface Scenario {
  readonly name: string;
  readonly scenes: readonly Scene[];
  readonly expected: Expected;
  readonly outputs?: Agent["outputs"];
  readonly limits?: Partial<Agent["limits"]>;
  readonly timeoutMs?: number;
  /** Micro-USD that are granted; 1,000,000 when left out. */
  readonly micros?: number;
  /** The provider has no such model. */
  readonly isUnknown?: boolean;
  /** Executed so often, with what the one before has saved; the last counts. */
  readonly attempts?: number;
  /** The caller stops it once it has asked. */
  readonly isCancelled?: boolean;
  /** The agent has the tool `notes__read`, which gives the text of the note that is named. */
  readonly hasTools?: boolean;
}

export const SECRET = "hush-hush-hush-42";
export const NOTE = "the password of the day is swordfish";

const YES = '{"answer":"yes"}';
const yes = { outcome: "succeeded", outputs: { answer: "yes" }, spend: "counted" } as const;

const NESTED = {
  type: "object",
  additionalProperties: false,
  required: ["title", "lines"],
  properties: {
    title: { type: "string" },
    note: { type: "string" },
    lines: {
      type: "array",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["text", "amountMinor"],
        properties: { text: { type: "string" }, amountMinor: { type: "integer", minimum: 0 } },
      },
    },
  },
};

export const SCENARIOS: readonly Scenario[] = [
  { name: "text", scenes: [says(YES)], expected: yes },
  {
    name: "structured",
    outputs: NESTED,
    scenes: [says('{"title":"Invoice","lines":[{"text":"Ä – „x“","amountMinor":1250}]}')],
    expected: {
      ...yes,
      outputs: { title: "Invoice", lines: [{ text: "Ä – „x“", amountMinor: 1250 }] },
    },
  },
  { name: "fenced", scenes: [says(`\`\`\`json\n${YES}\n\`\`\``)], expected: yes },
  { name: "in talk", scenes: [says(`Of course! ${YES} Anything else?`)], expected: yes },
  {
    name: "invalid, then right",
    scenes: [says('{"answer":7}'), says(YES)],
    expected: { ...yes, asked: 2 },
  },
  {
    name: "invalid",
    scenes: [says('{"answer":7}')],
    expected: { outcome: "schema-invalid", reason: /answer.*string/u, asked: 2, spend: "counted" },
  },
  {
    name: "no JSON",
    scenes: [says("I would rather not.")],
    expected: { outcome: "schema-invalid", asked: 2, spend: "counted" },
  },
  {
    name: "empty",
    scenes: [says("")],
    expected: { outcome: "schema-invalid", asked: 2, spend: "counted" },
  },
  {
    name: "truncated",
    scenes: [says('{"answer":"ye', { isTruncated: true })],
    expected: { outcome: "schema-invalid", reason: /cut at 1000 tokens/u, spend: "counted" },
  },
  {
    name: "tool loop",
    hasTools: true,
    scenes: [calls("notes__read", { name: "day" }), says(YES)],
    expected: { ...yes, asked: 2 },
  },
  {
    name: "a tool that it does not have",
    hasTools: true,
    scenes: [calls("notes__delete", { name: "day" }), says(YES)],
    expected: { ...yes, asked: 2 },
  },
  {
    name: "endless loop",
    hasTools: true,
    limits: { turns: 3, requests: 5 },
    scenes: [calls("notes__read", { name: "day" })],
    expected: { outcome: "no-progress", asked: 3, spend: "counted" },
  },
  {
    name: "400",
    scenes: [fails(400, "no such field")],
    expected: { outcome: "provider-error", reason: /no such field/u, spend: "none" },
  },
  {
    name: "401",
    scenes: [fails(401, "who are you")],
    expected: { outcome: "auth", reason: /who are you/u, spend: "none" },
  },
  {
    name: "402",
    scenes: [fails(402, "pay first")],
    expected: { outcome: "budget-exhausted", reason: /pay first/u, spend: "none" },
  },
  {
    name: "403",
    scenes: [fails(403, "not you")],
    expected: { outcome: "auth", reason: /not you/u, spend: "none" },
  },
  {
    name: "unknown model",
    scenes: [says(YES)],
    isUnknown: true,
    expected: { outcome: "missing-tool", reason: /no model/u, spend: "none" },
  },
  {
    name: "429 short",
    scenes: [fails(429, "slow down", { "retry-after": "2" })],
    expected: { outcome: "rate-limited", retryAfterMs: 2000, spend: "none" },
  },
  {
    name: "429 long",
    scenes: [fails(429, "come back tomorrow", { "retry-after": "86400" })],
    expected: { outcome: "rate-limited", retryAfterMs: 86_400_000, spend: "none" },
  },
  {
    name: "429 without a word when",
    scenes: [fails(429, "slow down")],
    expected: { outcome: "rate-limited", spend: "none" },
  },
  {
    name: "500",
    scenes: [fails(500, "oops")],
    expected: { outcome: "provider-error", reason: /oops/u, spend: "none" },
  },
  {
    name: "503 that says when",
    scenes: [fails(503, "loading", { "retry-after": "30" })],
    expected: { outcome: "rate-limited", retryAfterMs: 30_000, spend: "none" },
  },
  {
    name: "529",
    scenes: [fails(529, "overloaded")],
    expected: { outcome: "provider-error", reason: /overloaded/u, spend: "none" },
  },
  {
    name: "overflow",
    scenes: [overflows()],
    expected: { outcome: "context-overflow", reason: /too long/u, spend: "none" },
  },
  {
    name: "hang before anything",
    scenes: [{ kind: "hang", after: "nothing" }],
    timeoutMs: 1500,
    expected: { outcome: "timeout", spend: "estimated" },
  },
  {
    name: "hang in the middle",
    scenes: [{ kind: "hang", after: "start" }],
    timeoutMs: 1500,
    expected: { outcome: "timeout", spend: "estimated" },
  },
  {
    name: "crash before anything",
    scenes: [{ kind: "crash", after: "nothing" }],
    expected: { outcome: "provider-error", spend: "estimated" },
  },
  {
    name: "crash in the middle",
    scenes: [{ kind: "crash", after: "start" }],
    expected: { outcome: "provider-error", spend: "estimated" },
  },
  {
    name: "huge output",
    limits: { outputKb: 64 },
    scenes: [says(JSON.stringify({ answer: "x".repeat(100_000) }))],
    expected: { outcome: "schema-invalid", reason: /more than 64 KiB/u, spend: "counted" },
  },
  { name: "non-UTF-8", scenes: [says(`~ ${YES}`, { isGarbled: true })], expected: yes },
  {
    name: "permission denied",
    scenes: [says(JSON.stringify({ answer: SECRET }))],
    expected: { outcome: "permission-denied", reason: /secret/u, spend: "counted" },
  },
  {
    name: "resume",
    attempts: 2,
    scenes: [{ kind: "crash", after: "start" }, says(YES)],
    expected: { ...yes, asked: 2 },
  },
  {
    name: "cancelled",
    isCancelled: true,
    scenes: [{ kind: "hang", after: "nothing" }],
    expected: { outcome: "cancelled", spend: "estimated" },
  },
  {
    name: "no usage reported",
    scenes: [says(YES, { usage: null })],
    expected: { ...yes, spend: "estimated" },
  },
  {
    name: "no money",
    micros: 5,
    scenes: [says(YES)],
    expected: {
      outcome: "budget-exhausted",
      reason: /a request to a model needs at least 0\.\d+ USD/u,
      asked: 0,
    },
  },
];
