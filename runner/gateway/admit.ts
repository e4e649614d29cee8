/** Money for a request before it is sent, and with it the limit of its answer. */
import { dearestCost, outputWithin } from "#runner/core/money/worst-case.ts";
import type { Cost } from "#runner/core/money/reservation.ts";
import type { OpenAccount } from "./account.ts";
import type { Granted } from "./bill.ts";
import type { Settings } from "./options.ts";
import type { Prepared } from "./prepare.ts";
import { type Refusal, shortage } from "./refusal.ts";

export type Admission =
  | { readonly kind: "granted"; readonly granted: Granted }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "withdrawn" };

/** No answer is longer; what is asked for beyond it is no number to reckon with. */
const MOST_TOKENS = 10_000_000;

export async function admit(
  account: OpenAccount,
  prepared: Prepared,
  { settings, signal }: { readonly settings: Settings; readonly signal: AbortSignal },
): Promise<Admission> {
  const { asked, inputEstimate, pricing } = prepared;
  const thought = Math.min(asked.thinking, MOST_TOKENS);
  const wanted = Math.min(
    asked.maxOutput ?? Math.max(settings.outputTokens, thought * 2),
    MOST_TOKENS,
  );
  const floor = Math.min(wanted, settings.floorTokens + thought);
  const amountFor = (output: number): Cost => ({
    micros: dearestCost(pricing.price, inputEstimate, output),
    tokens: inputEstimate + output,
  });
  const least = amountFor(floor);
  const answer = await account.reserve({ least, most: amountFor(wanted) }, signal);
  if (answer.kind === "withdrawn") return answer;
  if (answer.kind === "refused") {
    const refusal = shortage(answer.shortage, least, account.standing());
    return { kind: "refused", refusal };
  }
  const { id, amount } = answer;
  const outputLimit = outputWithin(pricing.price, inputEstimate, { amount, most: wanted });
  return { kind: "granted", granted: { id, amount, outputLimit } };
}
