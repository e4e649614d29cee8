/** What operators ask for in comments beyond an approval: requests as their verbs make them, once for each comment. */
import type { Command } from "#runner/core/forge/comment-command.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { isHeard } from "#runner/core/fold/fold-heard.ts";
import type { CommentHeard } from "#runner/core/request-event.ts";
import { riskToday } from "#runner/core/gate/gate-veto.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Transaction } from "#runner/core/ledger-event.ts";
import { redactSecrets } from "#runner/core/secret-scan.ts";
import { criticalFrom, LONGEST_SNOOZE, saidAfterAll } from "#runner/core/gate/snooze.ts";
import type { Spoken } from "#runner/core/forge/spoken.ts";
import { isScope, stopsIn } from "#runner/core/stop.ts";
import { scopeNamed } from "#runner/core/stop-scope.ts";
import type { GateRecord, RequestRecord, StopRequest } from "#runner/schema/types.gen.ts";
import type { Engine, View } from "./engine.ts";
import { findRun } from "./find-run.ts";
import { type Lifted, liftStops } from "./lift-stops.ts";
import { bookMade, requestMade } from "./request.ts";
import { retryWish } from "./retry-wish.ts";
import { recentHistories } from "./run-index.ts";
import { shownGates, type ShownGates } from "./shown-gates.ts";

/** `reply` is for people: what becomes of it, or why nothing does; null where that is always the same. */
export interface Asked {
  readonly comment: number;
  readonly reply: string | null;
  readonly does:
    | { readonly kind: "nothing" }
    | { readonly kind: "book"; readonly made: readonly Transaction[] }
    | ({ readonly kind: "lift" } & Omit<Lifted, "observed">);
}

type Does = Pick<Asked, "reply" | "does">;

interface Asking {
  readonly engine: Engine;
  readonly view: View;
  readonly heard: ShownGates;
  readonly by: string;
}

/** Of comments whose word counts and that have not asked before. */
export async function askedIn(engine: Engine, view: View): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const heard of shownGates(engine, view.observed)) {
    const ids = heard.gates.map(({ id }) => id);
    for (const spoken of heard.pull.spoken) {
      const { verdict, by, comment } = spoken;
      const isDone = isHeard(view.observed.summaries.workspace, ids, comment);
      if (verdict !== "heard" || by === null || isDone) continue;
      const does = await doneFor({ engine, view, heard, by }, spoken);
      if (does !== null) asked.push({ comment, ...does });
    }
  }
  return asked;
}

/** null: it is answered elsewhere, or by words alone. */
async function doneFor(asking: Asking, spoken: Spoken): Promise<Does | null> {
  const { command } = spoken;
  switch (command.kind) {
    case "reject":
      return rejection(asking, spoken, command);
    case "retry":
      return retrial(asking, spoken, command);
    case "snooze":
      return puttingOff(asking, spoken, command.duration);
    case "stop":
      return stopping(asking, spoken, command.what);
    case "start":
      return starting(asking, spoken, command.what);
    case "approve":
    case "approve-but":
    case "explain":
    case "unknown":
      return null;
  }
}

/** Each gate by a request of its own, that settles it. */
function rejection(
  { engine, view, heard, by }: Asking,
  { comment }: Spoken,
  { reason, places, rest }: Extract<Command, { kind: "reject" }>,
): Does | null {
  const { observed, workspace } = view;
  const isMeant = ({ briefing }: GateRecord): boolean =>
    briefing === undefined || places.length === 0 || places.includes(briefing.place);
  const said = heard.gates.every(({ briefing }) => briefing === undefined) ? reason : rest;
  const kept = redactSecrets(said, engine.secretValues(workspace));
  const why = kept || `rejected in a comment on pull request ${heard.pull.number}`;
  const requests = heard.gates.filter(isMeant).map(({ id: gate, briefing }): RequestRecord => {
    const end = briefing === undefined ? "" : `-${briefing.place}`;
    const id = `reject-comment-${comment}${end}`;
    return { id, kind: "reject", gate, by, reason: why, at: engine.clock() };
  });
  const fresh = requests.filter(({ id }) => !observed.requests.some((known) => known.id === id));
  if (fresh.length === 0) return null;
  const made = fresh.map((request) => requestMade(observed, request));
  return { reply: null, does: { kind: "book", made } };
}

/** Who asks has seen the run's end: what ends later is not meant. */
async function retrial(
  { engine, view, heard, by }: Asking,
  { comment, at }: Spoken,
  { run: name, from }: Extract<Command, { kind: "retry" }>,
): Promise<Does | null> {
  if (name === null) return notDone(WAITING);
  const seen = { ...view, files: engine.store };
  const found = await findRun(name, seen);
  if (!found.ok) return notDone(found.message);
  const { run } = found;
  const { id } = run.record;
  if (run.end !== null && run.end.endedAt > at) return notDone(`${id} had not ended then`);
  const asked = await retryWish(engine, { ...view, run }, { ...AS_BEFORE, from });
  if (!asked.ok) return notDone(asked.message);
  const isTried = (await recentHistories(seen)).some(
    ({ record }) => record.retryOf?.run === id && record.startedAt > at,
  );
  if (asked.kind === "asked" || isTried) return nothing(`${id} is tried once more already.`);
  const request = { ...asked.wish, id: `retry-comment-${comment}`, by, at: engine.clock() };
  return booked(view, heard, { comment, request });
}

/** From when it was written, whenever it is heard. */
function puttingOff(
  { engine, view, heard, by }: Asking,
  { comment, at: writtenAt }: Spoken,
  duration: string,
): Does {
  const { observed, workspace } = view;
  const until = addMs(writtenAt, Math.min(durationMs(duration), durationMs(LONGEST_SNOOZE)));
  const now = engine.clock();
  if (until <= now) return notDone("that time is over");
  const critical = criticalFrom(workspace.settings);
  const isCritical = (gate: GateRecord): boolean =>
    riskToday(gate, workspace.settings.policy) >= critical;
  if (heard.gates.some(isCritical)) return notDone("what is critical is not put off");
  const made = heard.gates.map(({ id: gate, project, briefing }) => {
    const id = `snooze-comment-${comment}${briefing === undefined ? "" : `-${briefing.place}`}`;
    // Like every word of an operator it is the last one, whoever spoke before by a clock that is ahead.
    const at = saidAfterAll(view, gate, now);
    const request = { id, kind: "snooze", project, gate, until, by, reason: "", at } as const;
    return requestMade(observed, request, { id: comment, gates: [gate] });
  });
  return { reply: null, does: { kind: "book", made } };
}

const AS_BEFORE = { set: [], upgrade: false, reason: null } as const;
const WAITING =
  "what waits here has not ended. `/fettle reject <reason>` ends it; `/fettle retry <run>` names one that has";

function stopping(
  { engine, view, heard, by }: Asking,
  { comment }: Spoken,
  what: string | null,
): Does {
  const scope = scopeNamed(what, view);
  if (!scope.ok) return notDone(scope.message);
  const who = { id: `stop-comment-${comment}`, by, at: engine.clock() };
  const request: StopRequest = { kind: "stop", reason: "", ...who, ...scope.scope };
  return booked(view, heard, { comment, request });
}

/** What was stopped later stays stopped: it asks for the present of its writing. */
function starting(
  { view, heard, by }: Asking,
  { comment, at }: Spoken,
  what: string | null,
): Does | null {
  const scope = scopeNamed(what, view);
  if (!scope.ok) return notDone(scope.message);
  const stops = stopsIn(view.observed.requests).filter(
    (stop) => isScope(stop, scope.scope) && isBefore(stop, { comment, at }),
  );
  if (stops.length === 0) return null;
  const from = fromComment(comment, heard);
  return { reply: null, does: { kind: "lift", stops, by, comment: from } };
}

/** Comments of a repository are numbered: their order does not depend on whose clock is right. */
function isBefore({ id, at }: StopRequest, start: Pick<Spoken, "comment" | "at">): boolean {
  const said = /^stop-comment-(?<comment>\d+)$/u.exec(id)?.groups?.["comment"];
  return said === undefined ? at < start.at : Number(said) < start.comment;
}

interface OneRequest {
  readonly comment: number;
  readonly request: RequestRecord;
}

function fromComment(id: number, { gates }: ShownGates): CommentHeard {
  return { id, gates: gates.map((gate) => gate.id) };
}

function booked({ observed }: View, heard: ShownGates, { comment, request }: OneRequest): Does {
  const from = fromComment(comment, heard);
  return { reply: null, does: { kind: "book", made: [requestMade(observed, request, from)] } };
}

function notDone(why: string): Does {
  return nothing(`not carried out: ${why}.`);
}

function nothing(reply: string): Does {
  return { reply, does: { kind: "nothing" } };
}

/** All that is asked for, in one commit; what lifts a stop holds for the state that it stands on alone. */
export async function carryAsked(
  engine: Engine,
  { observed }: View,
  { asked, signal }: { readonly asked: readonly Asked[]; readonly signal: AbortSignal },
): Promise<boolean> {
  const made = asked.flatMap(({ does }) => (does.kind === "book" ? does.made : []));
  if (made.length > 0) return (await bookMade(engine, made, { observed, signal })).ok;
  const [lift] = asked.flatMap(({ does }) => (does.kind === "lift" ? [does] : []));
  if (lift === undefined) return false;
  return (await liftStops(engine, { observed, ...lift }, signal)).ok;
}
