/** What the gateway did not let through, as the reason of an attempt: for who owns the agent, not for the program. */
import { amountWords } from "#runner/core/money/amount-words.ts";
import { outcomeOfRefusal } from "#runner/core/refusal-outcome.ts";
import type { ReportedRefusal } from "#runner/gateway/options.ts";
import type { DoorGuest, DoorRefusal } from "#runner/runtimes/model-door.ts";

export function refusalOf(
  refusal: ReportedRefusal,
  { grant, agent }: Pick<DoorGuest, "grant" | "agent">,
): DoorRefusal {
  const { retryAfterMs } = refusal;
  const outcome = outcomeOfRefusal(refusal.reason);
  const short = outcome === "budget-exhausted" ? grant?.short : undefined;
  return {
    outcome,
    // What a cap has left out no limit of the agent brings back.
    reason: short === undefined ? wordsOf(refusal, agent.name) : `${refusal.message} (${short})`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Where a limit of the agent did not suffice, which one, and what to change. */
function wordsOf({ message, lack }: ReportedRefusal, agent: string): string {
  if (lack === undefined) return message;
  const { cap, spent, held, requests } = lack.standing;
  const file = `agents/${agent}/agent.yaml`;
  const less = "raise it, or ask for less (a shorter prompt, a lower maxOutputTokens)";
  switch (lack.of) {
    case "budget":
      return `a request to a model needs at least ${usd(lack.least.micros)}; limits.usd in ${file} allows an attempt ${usd(cap.micros)}, of which ${usd(spent.micros + held.micros)} is spent or reserved: ${less}`;
    case "tokens":
      return `a request to a model needs at least ${lack.least.tokens} tokens; limits.tokens in ${file} allows an attempt ${cap.tokens ?? 0}, of which ${spent.tokens + held.tokens} are spent or reserved: ${less}`;
    case "requests":
      return `limits.requests in ${file} allows an attempt ${cap.requests ?? 0} requests to models, and it has made ${requests}: raise it, or ask less often`;
    case "overrun":
      return message;
  }
}

function usd(micros: number): string {
  return amountWords("micros", micros);
}
