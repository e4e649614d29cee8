/** What the gateway does not let through, in words for the person who reads the log of an agent. */
import type { RefusalReason } from "#runner/core/refusal-outcome.ts";
import type { Cost, Shortage } from "#runner/core/money/reservation.ts";

export interface Refusal {
  readonly reason: RefusalReason;
  readonly message: string;
  readonly retryAfterMs?: number;
  /** What money, tokens or requests did not suffice for. */
  readonly lack?: Lack;
}

export interface Lack {
  readonly of: Shortage;
  readonly least: Cost;
  readonly standing: Standing;
}

/** HTTP status of each: what clients do not try again is 402 or below. */
const STATUSES: Readonly<Record<RefusalReason, number>> = {
  budget: 402,
  tokens: 402,
  requests: 402,
  overrun: 402,
  unpriced: 402,
  "no-progress": 402,
  "model-not-allowed": 403,
  "not-metered": 400,
  unreadable: 400,
  unauthorized: 401,
  "unknown-path": 404,
  "too-large": 413,
  "rate-limited": 429,
  unreachable: 502,
  ended: 403,
};

export function statusOf({ reason }: Refusal): number {
  return STATUSES[reason];
}

/** How an account stands, for the message. */
export interface Standing {
  readonly cap: {
    readonly micros: number;
    readonly tokens?: number;
    readonly requests?: number;
  };
  readonly spent: Cost;
  readonly held: Cost;
  readonly requests: number;
}

const WHAT_TO_DO =
  "Do not send it again: end here with what there is. Whoever runs this can raise the limits of the agent.";

/** Why money, tokens or requests do not suffice for what is needed at least. */
export function shortage(reason: Shortage, least: Cost, standing: Standing): Refusal {
  const message = `fettle: ${sentenceOf(reason, least, standing)} ${WHAT_TO_DO}`;
  return { reason, message, lack: { of: reason, least, standing } };
}

function sentenceOf(reason: Shortage, least: Cost, standing: Standing): string {
  const { cap, spent, held, requests } = standing;
  switch (reason) {
    case "budget":
      return `the money of this attempt does not suffice: of ${usd(cap.micros)}, ${usd(spent.micros)} is spent and ${usd(held.micros)} is reserved for requests under way; this request needs at least ${usd(least.micros)}.`;
    case "tokens":
      return `the tokens of this attempt do not suffice: of ${cap.tokens ?? 0}, ${spent.tokens} are spent and ${held.tokens} are reserved for requests under way; this request needs at least ${least.tokens}.`;
    case "requests":
      return `this attempt may make ${cap.requests ?? 0} requests to models and has made ${requests}.`;
    case "overrun":
      return `a request of this attempt has cost more than was reserved for it (${usd(spent.micros)} of ${usd(cap.micros)} is spent), so no other one is let through.`;
  }
}

/** Six digits: nothing is rounded away. */
function usd(micros: number): string {
  const [whole, digits = ""] = (micros / 1_000_000).toFixed(6).split(".");
  return `$${whole}.${digits.replace(/0{1,4}$/u, "")}`;
}

export function noProgress(times: number): Refusal {
  const message = `fettle: this very request was answered ${times} times in this attempt; asking again makes no progress. Change the request, or end here.`;
  return { reason: "no-progress", message };
}

export function rateLimited(upstream: string, retryAfterMs: number): Refusal {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const message = `fettle: ${upstream} has asked not to be asked for another ${seconds} s, so this request was not sent. End here; the runner comes back when the time is over.`;
  return { reason: "rate-limited", message, retryAfterMs };
}

export function unpriced(model: string): Refusal {
  const message = `fettle: nobody knows what ${model} costs, so it is not asked. Whoever runs this can declare its price, or that it costs nothing.`;
  return { reason: "unpriced", message };
}

export function modelNotAllowed(model: string, allowed: readonly string[]): Refusal {
  const message = `fettle: this attempt may not ask the model ${model}; it may ask ${allowed.join(", ")}.`;
  return { reason: "model-not-allowed", message };
}

export function notMetered(problem: string): Refusal {
  return {
    reason: "not-metered",
    message: `fettle: ${problem}. Leave it out and send the request again.`,
  };
}

export function unknownPath(path: string): Refusal {
  const message = `fettle: ${path} is not passed on. Metered are Anthropic /v1/messages, OpenAI /v1/chat/completions and /v1/responses, Gemini :generateContent and :streamGenerateContent; nothing else of a provider can be reached here.`;
  return { reason: "unknown-path", message };
}

export const ENDED: Refusal = {
  reason: "ended",
  message: "fettle: this attempt is over; nothing is asked for it any more.",
};

export function unreachable(upstream: string, problem: string): Refusal {
  return { reason: "unreachable", message: `fettle: ${upstream} did not answer: ${problem}` };
}

export function limitedByProvider(upstream: string, retryAfterMs: number | undefined): Refusal {
  const limited = `fettle: ${upstream} limits how often it is asked`;
  return retryAfterMs === undefined
    ? { reason: "rate-limited", message: `${limited} and does not say for how long.` }
    : {
        reason: "rate-limited",
        message: `${limited}; it may be asked again in ${Math.ceil(retryAfterMs / 1000)} s.`,
        retryAfterMs,
      };
}

export function unauthorized(): Refusal {
  return {
    reason: "unauthorized",
    message:
      "fettle: no attempt under way has this key; use the base URL and the key that the attempt was given.",
  };
}

export function tooLarge(maxBytes: number): Refusal {
  return {
    reason: "too-large",
    message: `fettle: the request has more than ${maxBytes} bytes. Send less.`,
  };
}

export function unreadable(): Refusal {
  return { reason: "unreadable", message: "fettle: the body of the request is no JSON object." };
}
