/** Books what a request has cost, and hands its bytes over to be recorded. */
import { createHash } from "node:crypto";
import type { Bill } from "./bill.ts";
import type { Stay } from "./exchange.ts";
import type { Call } from "./options.ts";
import { headersToProvider } from "./passed-headers.ts";
import type { Passed } from "./relay.ts";

export interface Ending {
  readonly status: number | null;
  readonly bill: Bill;
  readonly passed: Passed;
  readonly headers: Readonly<Record<string, string>>;
  readonly firstByteMs: number | null;
}

export function settleUp(stay: Stay, ending: Ending): void {
  const { visit, prepared, granted } = stay;
  const { account, route, request } = visit;
  const { bill, passed, headers } = ending;
  const call = callOf(stay, ending);
  account.settle(granted.id, call, { micros: bill.micros, tokens: bill.tokens });
  const recorded = account.options.record({
    call,
    path: route.path,
    request: prepared.bytes,
    requestHeaders: headersToProvider(request.headers),
    response: passed.bytes,
    responseHeaders: headers,
  });
  if (recorded !== undefined) account.follow(recorded);
}

function callOf(stay: Stay, { status, bill, passed, firstByteMs }: Ending): Call {
  const { prepared, granted, house, startedMs } = stay;
  const { upstream, asked, digest, inputEstimate, bytes } = prepared;
  return {
    upstream: upstream.name,
    provider: upstream.provider,
    modelAsked: asked.model,
    modelAnswered: passed.model,
    status,
    usage: bill.usage,
    micros: bill.micros,
    shadowMicros: bill.shadowMicros,
    basis: bill.basis,
    reserved: granted.amount,
    outputLimit: granted.outputLimit,
    inputEstimate,
    requestBytes: bytes.length,
    ms: house.settings.now() - startedMs,
    firstByteMs,
    requestDigest: digest,
    responseDigest: createHash("sha256").update(passed.bytes).digest("hex"),
    isWhole: passed.isWhole,
  };
}
