/** An answer of a model that fits a schema. Loaded only when one is asked: the library is large. */
import type { ModelMessage } from "ai";
import type { Outcome } from "#runner/schema/types.gen.ts";
import { readJsonAnswer } from "./model-answer.ts";
import { sumOfUsage, type Talk, talk, type TalkOptions, type Usage } from "./model-talk.ts";
import type { OutputCheck } from "./output-check.ts";

export interface ModelRequest extends TalkOptions {
  readonly prompt: string;
  readonly check: OutputCheck;
  /** Size of an answer at most. */
  readonly outputKb: number;
}

/** What servers do not count stays unknown. */
export type Answer = { readonly usage: Usage } & (
  | { readonly ok: true; readonly outputs: unknown }
  | {
      readonly ok: false;
      readonly outcome: Outcome;
      readonly reason: string;
      readonly retryAfterMs?: number;
    }
);

/** Asks without retries; an answer that does not fit is asked for once more, with the problem said. */
export async function askModel(request: ModelRequest): Promise<Answer> {
  const question: readonly ModelMessage[] = [{ role: "user", content: request.prompt }];
  const first = await talk(request, question, { isLast: false });
  const reading = readTalk(first, request);
  if (reading.kind !== "unfit") return reading.answer;
  const complaint: ModelMessage = {
    role: "user",
    content: `That cannot be used: ${reading.problem}. Answer again with the whole JSON object, and with nothing else.`,
  };
  const dialogue = [...question, ...first.messages, complaint];
  const second = await talk(request, dialogue, { isLast: true });
  const { answer } = readTalk(second, request);
  return { ...answer, usage: sumOfUsage([first.usage, second.usage]) };
}

type Reading =
  | { readonly kind: "final"; readonly answer: Answer }
  /** Asking again may help. */
  | { readonly kind: "unfit"; readonly answer: Answer; readonly problem: string };

function readTalk(said: Talk, request: ModelRequest): Reading {
  const { usage } = said;
  if (!said.ok) return { kind: "final", answer: { ...said.failure, ok: false, usage } };
  const end = brokenOff(said, request);
  if (end !== undefined) return { kind: "final", answer: { ok: false, ...end, usage } };
  const found = readJsonAnswer(said.text);
  const problem = found.ok ? request.check(found.value) : found.reason;
  if (found.ok && problem === undefined) {
    return { kind: "final", answer: { ok: true, outputs: found.value, usage } };
  }
  const reason = `the answer does not fit: ${problem}`;
  const answer: Answer = { ok: false, outcome: "schema-invalid", reason, usage };
  if (said.finish === "length") {
    const cut = `the answer is cut at ${request.maxOutputTokens} tokens`;
    return { kind: "final", answer: { ...answer, reason: cut } };
  }
  return { kind: "unfit", answer, problem: problem ?? "" };
}

interface End {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** It ended before there was an answer that could be judged. */
function brokenOff(
  { finish, text }: Extract<Talk, { ok: true }>,
  { turns, outputKb }: ModelRequest,
): End | undefined {
  if (finish === "tool-calls") {
    return { outcome: "no-progress", reason: `after ${turns} requests it still calls tools` };
  }
  if (finish === "content-filter") {
    return { outcome: "provider-error", reason: "the provider's filter withheld the answer" };
  }
  if (Buffer.byteLength(text) > outputKb * 1024) {
    return { outcome: "schema-invalid", reason: `it answered with more than ${outputKb} KiB` };
  }
  return undefined;
}
