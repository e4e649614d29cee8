/** What an answered request is settled at. */
import type { Cost } from "#runner/core/money/reservation.ts";
import { countOfTokens, NO_TOKENS, type TokenUsage } from "#runner/core/money/token-usage.ts";
import type { Basis } from "./options.ts";
import type { Prepared } from "./prepare.ts";
import type { Passed } from "./relay.ts";
import type { ProviderFormat } from "./provider-format.ts";

export interface Bill {
  readonly usage: TokenUsage;
  readonly micros: number;
  readonly tokens: number;
  readonly shadowMicros: number;
  readonly basis: Basis;
}

export interface Granted {
  readonly id: string;
  readonly amount: Cost;
  readonly outputLimit: number;
}

/** The provider has refused or was never reached. */
export function nothing({ pricing }: Prepared): Bill {
  return { usage: NO_TOKENS, micros: 0, tokens: 0, shadowMicros: 0, basis: pricing.basis };
}

/** A whole answer costs what the provider counted; without a count, or cut off, what was reserved for it or more. */
export function billOf(
  prepared: Prepared,
  granted: Granted,
  { passed, format }: { readonly passed: Passed; readonly format: ProviderFormat },
): Bill {
  const usage = passed.usage === undefined ? undefined : format.usageOf(passed.usage);
  if (usage !== undefined && passed.isWhole) return metered(prepared, usage);
  const bill = unknown(prepared, granted);
  if (usage !== undefined) return dearer(bill, metered(prepared, usage));
  // No token is shorter than a byte; where tokens cost nothing, that nobody counts hidden ones does no harm.
  const isCounted = passed.isWhole && bill.micros === 0;
  return isCounted ? shortened(bill, Math.min(granted.outputLimit, passed.bytes.length)) : bill;
}

/** Nobody knows what it has used: all that it could. */
export function unknown({ pricing, inputEstimate }: Prepared, granted: Granted): Bill {
  const usage = { ...NO_TOKENS, inFresh: inputEstimate, outText: granted.outputLimit };
  return {
    usage,
    micros: granted.amount.micros,
    tokens: countOfTokens(usage),
    shadowMicros: pricing.shadow?.(usage) ?? 0,
    basis: pricing.basis === "subscription" ? "subscription" : "estimated",
  };
}

function metered({ pricing }: Prepared, usage: TokenUsage): Bill {
  return {
    usage,
    micros: pricing.price(usage),
    tokens: countOfTokens(usage),
    shadowMicros: pricing.shadow?.(usage) ?? 0,
    basis: pricing.basis,
  };
}

/** What the half of an answer tells can be more than what was reserved for the whole. */
function dearer(reserved: Bill, told: Bill): Bill {
  return {
    ...reserved,
    micros: Math.max(reserved.micros, told.micros),
    tokens: Math.max(reserved.tokens, told.tokens),
  };
}

function shortened(bill: Bill, outText: number): Bill {
  const usage = { ...bill.usage, outText };
  return { ...bill, usage, tokens: countOfTokens(usage) };
}
