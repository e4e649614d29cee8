/** How long a provider wants to be left alone. */
import type { IncomingHttpHeaders } from "node:http";
import { retryAfterMsOf } from "#runner/core/retry-after.ts";
import { isJsonObject } from "#runner/core/json-object.ts";
import { listAt, objectAt, parseJson, textAt } from "./json-value.ts";

/** Milliseconds; undefined where the answer does not say. */
export function retryAfterMs(
  headers: IncomingHttpHeaders,
  body: string,
  nowMs: number,
): number | undefined {
  const exact = headers["retry-after-ms"];
  const said = [
    typeof exact === "string" ? retryAfterMsOf(Number(exact) / 1000, nowMs) : undefined,
    retryAfterMsOf(headers["retry-after"], nowMs),
    retryAfterMsOf(retryDelay(body), nowMs),
  ];
  return said.find((ms) => ms !== undefined && Number.isSafeInteger(ms));
}

/** Google says it in the body: a `google.rpc.RetryInfo` with `"retryDelay": "34s"`. */
function retryDelay(body: string): string | undefined {
  const answer = parseJson(body);
  const details = listAt(objectAt(Array.isArray(answer) ? answer[0] : answer, "error"), "details");
  const delay = details.filter(isJsonObject).map((detail) => textAt(detail, "retryDelay"));
  return delay.find((text) => text !== undefined)?.replace(/s$/u, "");
}
