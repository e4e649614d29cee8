/** `fettle snooze`: puts a gate off; it comes back by itself. */
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { riskToday } from "#runner/core/gate/gate-veto.ts";
import { putOff, snoozeEnd, type SnoozeTime } from "#runner/core/gate/put-off.ts";
import type { SnoozedGate } from "#runner/core/gate/snooze.ts";
import { operatorsOf } from "#runner/core/operator.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import { findNamed } from "#runner/core/suggest.ts";
import { expectOperator } from "#runner/loop/operator.ts";
import type { Wish } from "#runner/loop/request.ts";
import { renderSnoozed, type SnoozedText } from "#runner/report/snooze-text.ts";
import { acting, askFor, type Acting } from "./acting.ts";
import { findGate } from "./find-gate.ts";
import type { Sight } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface Snoozing extends SnoozeTime {
  readonly gate: string;
  readonly reason: string;
}

/** A gate that is open or queued, as far as putting it off concerns it. */
interface Shown extends SnoozedText, SnoozedGate {
  readonly id: string;
  readonly project: string;
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
    const until = snoozeEnd(asked, { now, timezone: timezoneOf(seen.workspace.settings) });
    if (until === null) return refused("usage", "that is no time to come", WHEN_HINT);
    const who = await expectOperator(engine.repository, operatorsOf(seen.workspace.settings));
    if (!who.ok) return refused("refused", who.message, who.hint);
    return booked({ context, engine, seen }, found.shown, { until, now, reason: asked.reason });
  });
}

interface Putting {
  readonly until: string;
  readonly now: string;
  readonly reason: string;
}

async function booked(acts: Acting, shown: Shown, putting: Putting): Promise<Answer> {
  const { id: gate, project, title, risk } = shown;
  const { until, now, reason } = putting;
  const { workspace } = acts.seen;
  const text = renderSnoozed(shown, putting, timezoneOf(workspace.settings));
  const becomes = putOff({ ...acts.seen, now }, shown, { until, reason });
  switch (becomes.kind) {
    case "critical": {
      const message = `"${title}" is critical (risk ${risk} of ${becomes.critical}): it is not put off`;
      return refused("refused", message, `fettle approve ${gate}, or fettle reject ${gate}`);
    }
    case "said-already":
      return { exit: "ok", text: `this was said already\n${text}`, json: becomes.said };
    case "asked": {
      const wish: Wish = { kind: "snooze", project, gate, until, reason, at: becomes.at };
      return askFor(acts, wish, () => text);
    }
  }
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
