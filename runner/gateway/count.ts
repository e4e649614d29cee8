/** Passes on a request to count tokens: free, but only for models of the attempt. */
import type { House } from "./exchange.ts";
import { shortAnswer } from "./short-answer.ts";
import { forward } from "./forward.ts";
import { isJsonObject } from "#runner/core/json-object.ts";
import { parseJson, textAt } from "./json-value.ts";
import { headersToClient, headersToProvider } from "./passed-headers.ts";
import { notAllowed, upstreamFor } from "./prepare.ts";
import { ENDED, rateLimited, unreachable, unreadable } from "./refusal.ts";
import { turnAway } from "./turn-away.ts";
import type { Upstream } from "./upstream.ts";
import type { Visit } from "./visit.ts";
import type { CountRoute } from "./provider-format.ts";

export async function count(visit: Visit<CountRoute>, bytes: Buffer, house: House): Promise<void> {
  const body = parseJson(bytes.toString("utf8"));
  if (!isJsonObject(body)) return turnAway(visit, unreadable(), {});
  const model = visit.route.model ?? textAt(body, "model") ?? "";
  const upstream = upstreamFor(visit.upstreams, model);
  if (upstream === undefined) return turnAway(visit, notAllowed(visit, model), {});
  const entry = await house.placeOf(upstream).enter(visit.signal);
  if (entry.kind === "withdrawn") return turnAway(visit, ENDED, { upstream });
  if (entry.kind === "rate-limited") {
    return turnAway(visit, rateLimited(upstream.name, entry.retryAfterMs), { upstream });
  }
  try {
    await passCount(visit, { upstream, bytes: Buffer.from(JSON.stringify(body)) }, house);
  } finally {
    entry.leave();
  }
}

async function passCount(
  visit: Visit<CountRoute>,
  { upstream, bytes }: { readonly upstream: Upstream; readonly bytes: Buffer },
  house: House,
): Promise<void> {
  const { format, route, request, response, signal } = visit;
  const headers = headersToProvider(request.headers);
  const reply = await forward(
    { upstream, format, path: route.path, headers, body: bytes, signal },
    house.connections,
  );
  if (reply.kind === "failed") {
    return turnAway(visit, unreachable(upstream.name, reply.message), { upstream });
  }
  const text = await shortAnswer(reply.message, upstream.key);
  if (response.destroyed) return;
  response.writeHead(reply.message.statusCode ?? 502, headersToClient(reply.message.headers));
  response.end(text);
}
