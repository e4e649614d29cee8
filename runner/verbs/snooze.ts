/** `fettle snooze`: puts a gate off; it comes back by itself. */
import { localInstant, localDay, localTime } from "#runner/core/time/calendar.ts";
import {
  criticalFrom,
  isSnoozeTime,
  LONGEST_SNOOZE,
  saidAfterAll,
  snoozeOf,
} from "#runner/core/gate/snooze.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { riskToday } from "#runner/core/gate/gate-veto.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { findNamed } from "#runner/core/suggest.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import type { Wish } from "#runner/loop/request.ts";
import { relativeTime } from "#runner/report/when.ts";
import { acting, askFor, type Acting } from "./acting.ts";
import { findGate } from "./find-gate.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface Snoozing {
  readonly gate: string;
  /** `now`, a day, a day with a time, or an instant. */
  readonly until: string | null;
  /** A duration. */
  readonly for: string | null;
  readonly reason: string;
}

/** A gate that is open or queued, as far as putting it off concerns it. */
interface Shown {
  readonly id: string;
  readonly project: string;
  readonly title: string;
  readonly risk: number;
  readonly answerBy: string | null;
  readonly isVetoed: boolean;
}

type Found =
  | { readonly ok: true; readonly shown: Shown }
  | { readonly ok: false; readonly refusal: Answer };

const WHEN_HINT =
  'fettle snooze <gate> --for 2d, or --until 2026-12-01, --until "2026-12-01 14:00", --until now';

export async function snoozeVerb(context: VerbContext, asked: Snoozing): Promise<Answer> {
  if ((asked.until === null) === (asked.for === null)) {
    return refused("usage", "say either --until when or --for how long", WHEN_HINT);
  }
  return acting(context, async (engine, seen) => {
    const found = findShown(seen, asked.gate);
    if (!found.ok) return found.refusal;
    const now = engine.clock();
    const until = instantOf(asked, { now, timezone: timezoneOf(seen.workspace.settings) });
    if (until === null) return refused("usage", "that is no time to come", WHEN_HINT);
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    return putOff({ context, engine, seen }, found.shown, { until, now, reason: asked.reason });
  });
}

interface Putting {
  readonly until: string;
  readonly now: string;
  readonly reason: string;
}

async function putOff(acts: Acting, shown: Shown, putting: Putting): Promise<Answer> {
  const { id: gate, project, title } = shown;
  const { until, now, reason } = putting;
  const { settings } = acts.seen.workspace;
  const critical = criticalFrom(settings);
  if (until > now && shown.risk >= critical) {
    const message = `"${title}" is critical (risk ${shown.risk} of ${critical}): it is not put off`;
    return refused("refused", message, `fettle approve ${gate}, or fettle reject ${gate}`);
  }
  const before = snoozeOf(acts.seen, gate);
  if (before !== undefined && before.until === until && before.reason === reason) {
    const text = textOf(shown, putting, timezoneOf(settings));
    return { exit: "ok", text: `this was said already\n${text}`, json: before };
  }
  const at = saidAfterAll(acts.seen, gate, now);
  const wish: Wish = { kind: "snooze", project, gate, until, reason, at };
  return askFor(acts, wish, () => textOf(shown, putting, timezoneOf(settings)));
}

function textOf(shown: Shown, { until, now }: Putting, timezone: string): string {
  const { id, title, answerBy, isVetoed } = shown;
  if (until <= now) return `"${title}" is not put off any more\n`;
  const when = `${localDay(until, timezone)} ${localTime(until, timezone)} (${timezone})`;
  const warning =
    answerBy !== null && answerBy < until
      ? `  its time ends before that, ${relativeTime(answerBy, now)}: it will not come back\n`
      : "";
  const veto = isVetoed
    ? "  it does not go on by itself meanwhile; then its time begins anew\n"
    : "";
  return `"${title}" comes back at ${when}\n${warning}${veto}  fettle snooze ${id} --until now   takes it back\n`;
}

function findShown(seen: Sight, name: string): Found {
  const { plan, observed, workspace } = seen;
  const queued = findNamed(
    name,
    plan.queue.map((gate) => ({ ...gate, name: gate.id })),
    { byStart: true },
  );
  if (queued.kind === "found") {
    const { id, project, title, risk, answerBy } = queued.found;
    return { ok: true, shown: { id, project, title, risk, answerBy, isVetoed: false } };
  }
  const found = findGate(seen, name);
  if (!found.ok) return found;
  const { record } = found;
  const answer = answersIn(plan).get(record.id);
  if (answer !== undefined && observed.gates.has(record.id)) {
    const message = `"${record.title}" is ${answer.decision} already, by ${answer.by}`;
    return {
      ok: false,
      refusal: refused("refused", message, "fettle reconcile   goes on from here"),
    };
  }
  const { id, project, title, answerBy, onExpire, vetoUntil } = record;
  const risk = riskToday(record, workspace.settings.policy);
  const end = onExpire === "keep" ? null : answerBy;
  const shown = { id, project, title, risk, answerBy: end, isVetoed: vetoUntil !== undefined };
  return { ok: true, shown };
}

const DAY = /^(?<day>\d{4}-\d\d-\d\d)(?:[ T](?<time>\d\d:\d\d))?$/u;

/** null: it is no time, has passed, or is more than a year away. */
function instantOf(
  { until, for: duration }: Snoozing,
  { now, timezone }: { readonly now: string; readonly timezone: string },
): string | null {
  if (until === "now") return now;
  const instant = until === null ? after(now, duration ?? "") : localOf(until, timezone);
  const latest = addMs(now, durationMs(LONGEST_SNOOZE));
  return instant === null || instant <= now || instant > latest ? null : instant;
}

function after(now: string, duration: string): string | null {
  return isSnoozeTime(duration) ? addMs(now, durationMs(duration)) : null;
}

/** In the time of the workspace. */
function localOf(text: string, timezone: string): string | null {
  const { day, time = "00:00" } = DAY.exec(text)?.groups ?? {};
  const isTime = day !== undefined && !Number.isNaN(Date.parse(`${day}T${time}:00Z`));
  return isTime ? localInstant(day, time, timezone) : null;
}
