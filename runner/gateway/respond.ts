/** What the gateway says by itself. */
import type { ServerResponse } from "node:http";
import { type Refusal, statusOf } from "./refusal.ts";

export function respond(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Clients that look for it are told not to try again by themselves: that is the runner's to decide. */
export function refuse(response: ServerResponse, refusal: Refusal, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.setHeader("x-should-retry", "false");
  if (refusal.retryAfterMs !== undefined) {
    response.setHeader("retry-after", String(Math.ceil(refusal.retryAfterMs / 1000)));
  }
  respond(response, statusOf(refusal), body);
}

/** In a form that clients of every provider find the message in. */
export function anyErrorBody({ reason, message }: Refusal): unknown {
  return { type: "error", error: { type: reason.replaceAll("-", "_"), message } };
}
