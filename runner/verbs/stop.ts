/** `fettle stop` and `fettle start`: nothing new begins until an operator says so. */
import { isScope, scopeName, stopsIn, stopWords, type StopScope } from "#runner/core/stop.ts";
import { scopeNamed } from "#runner/core/stop-scope.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { zonedText } from "#runner/core/zoned-text.ts";
import { liftStops } from "#runner/loop/lift-stops.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import { bookRequest, requestOf, type Wish } from "#runner/loop/request.ts";
import { dropStopMarker, markStop } from "#runner/repo/stop-marker.ts";
import type { StopRequest } from "#runner/schema/types.gen.ts";
import { acting, notBooked, type Acting } from "./acting.ts";
import { heldSecret } from "./held-secret.ts";
import { reading, sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface StopOptions {
  /** A project, `<project>/<pipeline>` or a pipeline; null: everything. */
  readonly what: string | null;
  readonly reason: string | null;
}

/** A tick at work hears of it at once, by a file beside the lock; everybody else, once it is published. */
export async function stopVerb(context: VerbContext, options: StopOptions): Promise<Answer> {
  const marked = await mark(context, options);
  if (!marked.ok) return marked.answer;
  const { stop } = marked;
  const answer = await acting(context, async (engine, { observed }) => {
    if (!observed.requests.some(({ id }) => id === stop.id)) {
      const booked = await bookRequest(engine, stop, { observed, signal: context.signal });
      if (!booked.ok && booked.exit === "lost") return notBooked(booked);
      dropStopMarker(engine.repository, stop.id);
      if (!booked.ok) return unpublished(stop, booked.detail);
    }
    return { exit: "ok", text: stoppedText(stop), json: stop };
  });
  return answer.exit === "lost" ? heardAtWork(stop) : answer;
}

type Marked =
  | { readonly ok: true; readonly stop: StopRequest }
  | { readonly ok: false; readonly answer: Answer };

async function mark(context: VerbContext, { what, reason }: StopOptions): Promise<Marked> {
  const found: { stop?: StopRequest } = {};
  const answer = await reading(context, async (engine) => {
    const sighted = await sight({ ...context, at: null }, engine);
    if (!sighted.ok) return sighted.refusal;
    const { workspace, observed } = sighted.sight;
    const scope = scopeNamed(what, sighted.sight);
    if (!scope.ok) return refused("usage", scope.message, scope.hint);
    const before = stopsIn(observed.requests).find((stop) => isScope(stop, scope.scope));
    if (before !== undefined) return stoppedAlready(before, timezoneOf(workspace.settings));
    const wish: Wish = { kind: "stop", reason: reason ?? "", ...scope.scope };
    const request = await requestOf(engine, wish);
    const secret = heldSecret(engine, workspace, request);
    if (secret !== undefined || request.kind !== "stop") return secret ?? stoppedNothing();
    markStop(engine.repository, { id: request.id, text: `${JSON.stringify(request)}\n` });
    found.stop = request;
    return { exit: "ok" };
  });
  return found.stop === undefined ? { ok: false, answer } : { ok: true, stop: found.stop };
}

function stoppedNothing(): Answer {
  return refused("bug", "nothing was stopped", "this is a bug of fettle");
}

function stoppedText(stop: StopRequest): string {
  const scope = scopeName(stop);
  const start = `fettle start${scope === "" ? "" : ` ${scope}`}`;
  return `${scope || "everything"} is stopped: nothing new begins; what is at work comes to its end\n  ${start}   lets it go on\n`;
}

function stoppedAlready(stop: StopRequest, timezone: string): Answer {
  const words = zonedText(stopWords(stop), timezone);
  const text = `${scopeName(stop) || "everything"} is ${words}\n`;
  return { exit: "ok", text, json: stop };
}

function heardAtWork(stop: StopRequest): Answer {
  const text = `${stoppedText(stop)}  a tick is at work here: it starts nothing more, and brings the word to the origin\n`;
  return { exit: "ok", text, json: stop };
}

function unpublished(stop: StopRequest, detail: string): Answer {
  const [why = ""] = detail.split("\n");
  const message = `${scopeName(stop) || "everything"} is stopped in this clone only, for it could not be published: ${why}`;
  return refused(
    "temporary",
    message,
    "other runners go on until fettle reconcile here reaches the origin",
  );
}

/** Lifts the stop of exactly this scope. */
export function startVerb(
  context: VerbContext,
  { what }: Pick<StopOptions, "what">,
): Promise<Answer> {
  return acting(context, async (engine, seen) => {
    const scope = scopeNamed(what, seen);
    if (!scope.ok) return refused("usage", scope.message, scope.hint);
    const all = stopsIn(seen.observed.requests);
    const stops = all.filter((stop) => isScope(stop, scope.scope));
    if (stops.length === 0) return notStopped(scope.scope, all);
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    return lift({ context, engine, seen }, stops, who.operator.email);
  });
}

async function lift(
  { context, engine, seen }: Acting,
  stops: readonly StopRequest[],
  by: string,
): Promise<Answer> {
  const { observed } = seen;
  const booked = await liftStops(engine, { observed, stops, by }, context.signal);
  if (!booked.ok) return notBooked(booked);
  const [stop] = stops;
  const name = stop === undefined ? "" : scopeName(stop);
  const text = `${name || "everything"} goes on\n  fettle reconcile   does it now\n`;
  return { exit: "ok", text, json: { started: stops.map(({ id }) => id), by } };
}

function notStopped(scope: StopScope, all: readonly StopRequest[]): Answer {
  const message = `${scopeName(scope) || "the whole workspace"} is not stopped`;
  const others = all.map((stop) => `fettle start ${scopeName(stop)}`.trim());
  const hint =
    others.length === 0
      ? "nothing is stopped; suspend: true is lifted in YAML"
      : others.join("\n  ");
  return refused("usage", message, hint);
}
