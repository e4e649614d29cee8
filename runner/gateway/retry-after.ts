/** How long a provider wants to be left alone. */
import type { IncomingHttpHeaders } from "node:http";
import { isObject, listAt, objectAt, parseJson, textAt } from "./json-value.ts";

/** Milliseconds; undefined where the answer does not say. */
export function retryAfterMs(
  headers: IncomingHttpHeaders,
  body: string,
  nowMs: number,
): number | undefined {
  const said = [
    msOf(headers["retry-after-ms"], 1),
    msOf(headers["retry-after"], 1000) ?? untilMs(headers["retry-after"], nowMs),
    retryDelayMs(body),
  ];
  return said.find((ms) => ms !== undefined);
}

function msOf(text: unknown, unitMs: number): number | undefined {
  if (typeof text !== "string" || !/^\d+(?:\.\d+)?$/u.test(text.trim())) return undefined;
  const ms = Math.ceil(Number(text) * unitMs);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function untilMs(date: string | undefined, nowMs: number): number | undefined {
  const ms = Date.parse(date ?? "") - nowMs;
  return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

/** Google says it in the body: a `google.rpc.RetryInfo` with `"retryDelay": "34s"`. */
function retryDelayMs(body: string): number | undefined {
  const answer = parseJson(body);
  const details = listAt(objectAt(Array.isArray(answer) ? answer[0] : answer, "error"), "details");
  const delay = details.filter(isObject).map((detail) => textAt(detail, "retryDelay"));
  return msOf(delay.find((text) => text !== undefined)?.replace(/s$/u, ""), 1000);
}
