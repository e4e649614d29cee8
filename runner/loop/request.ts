/** What an operator verb asks for: a record on the state branch that the next tick acts on. */
import { shortDigest } from "#runner/core/identifier.ts";
import type { Observed } from "#runner/core/model.ts";
import { scopeName } from "#runner/core/stop.ts";
import { requestPath } from "#runner/core/state-path.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import type { CommentHeard } from "#runner/core/request-event.ts";
import { transaction } from "#runner/core/transaction.ts";
import type { RequestRecord } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import { book } from "./ledger.ts";
import { operatorOf } from "./operator.ts";
import { publishPending } from "./publish-pending.ts";
import { rememberState } from "./state-standing.ts";

/** What is asked for, without who asks and when, which is the same for all. `at`: when it counts as said, if not now. */
export type Wish = WishOf<RequestRecord> & Partial<Pick<RequestRecord, "at">>;
export type WishOf<Request> = Request extends RequestRecord
  ? Omit<Request, "id" | "by" | "at">
  : never;

/** The request of whoever works in this clone. */
export async function requestOf(
  { repository, clock }: Pick<Engine, "repository" | "clock">,
  wish: Wish,
): Promise<RequestRecord> {
  const who = await operatorOf(repository);
  const { at = clock() } = wish;
  const id = `${wish.kind}-${shortDigest({ ...wish, at }, 12)}`;
  return { ...wish, id, by: who?.email ?? "unknown", at };
}

export type Requested =
  | { readonly ok: true }
  | { readonly ok: false; readonly exit: "lost" | "temporary"; readonly detail: string };

interface Booking {
  readonly observed: Observed;
  readonly signal: AbortSignal;
}

export function bookRequest(
  engine: Engine,
  request: RequestRecord,
  booking: Booking,
): Promise<Requested> {
  return bookRequests(engine, [request], booking);
}

/** All of them or none. */
export function bookRequests(
  engine: Engine,
  requests: readonly RequestRecord[],
  booking: Booking,
): Promise<Requested> {
  const made = requests.map((request) => requestMade(booking.observed, request));
  return bookMade(engine, made, booking);
}

export async function bookMade(
  engine: Engine,
  transactions: readonly Transaction[],
  { observed: { summaries }, signal }: Booking,
): Promise<Requested> {
  const { outcome } = await book(engine.store, { summaries, transactions, refs: [] });
  if (outcome.kind !== "committed")
    return { ok: false, exit: "lost", detail: "another writer was faster" };
  const published = await publishPending(engine, signal);
  if (!published.ok) return { ok: false, exit: "temporary", detail: published.detail };
  await rememberState(engine);
  return { ok: true };
}

/** `comment`: where it was asked for in a comment, which asks no second time. */
export function requestMade(
  observed: Observed,
  request: RequestRecord,
  comment?: CommentHeard,
): Transaction {
  const { at, id, by } = request;
  const project = projectOf(observed, request);
  const from = comment === undefined ? {} : { comment };
  return transaction({
    event: { kind: "request-made", at, project, request: id, by, asks: wordsOf(request), ...from },
    files: [[requestPath(id), request]],
    change: { kind: "requested", record: request },
  });
}

function wordsOf(request: RequestRecord): string {
  switch (request.kind) {
    case "run":
      return `run ${request.pipeline}`;
    case "more":
      return "show the next gates now";
    case "reject":
      return `reject ${request.gate}`;
    case "snooze":
      return `put off ${request.gate} until ${request.until}`;
    case "retry":
      return `try ${request.run} once more`;
    case "undo":
      return `undo ${request.run}`;
    case "cancel":
      return `cancel ${request.run}`;
    case "stop":
      return `stop ${scopeName(request) || "everything"}`;
    case "answer":
      return request.happened ? "the effect did happen" : "the effect did not happen";
  }
}

function projectOf(observed: Observed, request: RequestRecord): string {
  if (request.kind === "more") return "";
  return request.kind === "reject"
    ? (observed.gates.get(request.gate)?.record.project ?? "")
    : (request.project ?? "");
}
