/** Sends a request that is paid for, passes the answer on, and settles before the client has the end of it. */
import type { IncomingMessage } from "node:http";
import { billOf, nothing, unknown } from "./bill.ts";
import { settleUp } from "./settle-up.ts";
import { shortAnswer } from "./short-answer.ts";
import type { Stay } from "./exchange.ts";
import { forward, type Reply, unpacked } from "./forward.ts";
import { headersToClient, headersToProvider } from "./passed-headers.ts";
import { ENDED, limitedByProvider, unreachable } from "./refusal.ts";
import { type Passed, relay } from "./relay.ts";
import { retryAfterMs } from "./retry-after.ts";
import { turnAway } from "./turn-away.ts";

const NO_ANSWER: Passed = {
  isEnded: false,
  isWhole: false,
  model: null,
  usage: undefined,
  bytes: Buffer.alloc(0),
};

export async function converse(stay: Stay): Promise<void> {
  const reply = await send(stay);
  if (reply.kind === "failed") return passSilence(stay, reply);
  const status = reply.message.statusCode ?? 0;
  if (status >= 200 && status < 300) return passAnswer(stay, reply.message, status);
  return status >= 400
    ? passError(stay, reply.message, status)
    : passRedirect(stay, reply.message, status);
}

function send({ visit, prepared, granted, house }: Stay): Promise<Reply> {
  const { format, route, request, signal } = visit;
  const { upstream, body } = prepared;
  const limited = format.limited(body, granted.outputLimit, upstream.provider);
  return forward(
    {
      upstream,
      format,
      path: route.path,
      headers: headersToProvider(request.headers),
      body: Buffer.from(JSON.stringify(limited)),
      signal,
    },
    house.connections,
  );
}

async function passAnswer(stay: Stay, message: IncomingMessage, status: number): Promise<void> {
  const { visit, prepared, granted, house } = stay;
  const { response, format, signal } = visit;
  const headers = headersToClient(message.headers);
  const source = unpacked(message);
  // Packed in a way that cannot be read here: passed on as it is, and nobody counts it.
  const packing = source === undefined ? message.headers["content-encoding"] : undefined;
  response.writeHead(status, { ...headers, ...(packing && { "content-encoding": packing }) });
  const isEvents = headers["content-type"]?.startsWith("text/event-stream") === true;
  // The first event may take long; that there will be some is known now.
  if (isEvents) response.flushHeaders();
  let firstByteMs: number | null = null;
  const passed = await relay({
    source: source ?? message,
    response,
    format,
    body: prepared.body,
    isEvents,
    maxBytes: house.settings.maxResponseBytes,
    signal,
    onFirstByte: () => (firstByteMs ??= house.settings.now() - stay.startedMs),
  });
  const bill = billOf(prepared, granted, { passed, format });
  settleUp(stay, { status, bill, passed, headers, firstByteMs });
  if (passed.isEnded) response.end();
  else response.destroy();
  if (!passed.isEnded) message.destroy();
}

/** The provider did no work that it is paid for. */
async function passError(stay: Stay, message: IncomingMessage, status: number): Promise<void> {
  const { visit, prepared, place, house } = stay;
  const text = await shortAnswer(message, prepared.upstream.key);
  const isLimit = status === 429 || status === 503 || status === 529;
  const waitMs = isLimit ? retryAfterMs(message.headers, text, house.settings.now()) : undefined;
  if (waitMs !== undefined) place.closeFor(waitMs);
  if (status === 429 || waitMs !== undefined) {
    const { upstream, asked } = prepared;
    visit.account.refuse(limitedByProvider(upstream.name, waitMs), upstream.name, asked.model);
  }
  const headers = headersToClient(message.headers);
  const passed: Passed = { ...NO_ANSWER, isEnded: true, isWhole: true, bytes: Buffer.from(text) };
  settleUp(stay, { status, bill: nothing(prepared), passed, headers, firstByteMs: null });
  if (visit.response.destroyed) return;
  visit.response.writeHead(status, headers);
  visit.response.end(text);
}

/** Following it would take the request, and the key with it, to who knows where. */
function passRedirect(stay: Stay, message: IncomingMessage, status: number): void {
  const { visit, prepared } = stay;
  message.destroy();
  settleUp(stay, {
    status,
    bill: nothing(prepared),
    passed: NO_ANSWER,
    headers: {},
    firstByteMs: null,
  });
  const problem = `it redirects (HTTP ${status}), which is not followed; its base URL may be wrong`;
  turnAway(visit, unreachable(prepared.upstream.name, problem), prepared);
}

function passSilence(stay: Stay, { isSent, message }: Extract<Reply, { kind: "failed" }>): void {
  const { visit, prepared, granted } = stay;
  const bill = isSent ? unknown(prepared, granted) : nothing(prepared);
  settleUp(stay, { status: null, bill, passed: NO_ANSWER, headers: {}, firstByteMs: null });
  const isOver = visit.account.signal.aborted;
  turnAway(visit, isOver ? ENDED : unreachable(prepared.upstream.name, message), prepared);
}
