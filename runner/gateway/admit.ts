/** Money for a request before it is sent, and with it the limit of its answer. */
import { dearestCost, outputWithin } from "#runner/core/worst-case.ts";
import type { Amount } from "#runner/core/reservation.ts";
import type { OpenAccount } from "./account.ts";
import type { Granted } from "./bill.ts";
import type { Settings } from "./options.ts";
import type { Prepared } from "./prepare.ts";
import { type Refusal, shortage } from "./refusal.ts";

export type Admission =
  | { readonly kind: "granted"; readonly granted: Granted }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "withdrawn" };

export async function admit(
  account: OpenAccount,
  prepared: Prepared,
  { settings, signal }: { readonly settings: Settings; readonly signal: AbortSignal },
): Promise<Admission> {
  const { asked, inputEstimate, pricing } = prepared;
  const wanted = asked.maxOutput ?? Math.max(settings.outputTokens, asked.thinking * 2);
  const floor = Math.min(wanted, settings.floorTokens + asked.thinking);
  const amountFor = (output: number): Amount => ({
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
