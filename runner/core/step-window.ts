/** Whether a unit of work may begin at this time of the week. */
import { closedAt, type Closed } from "#runner/core/gate/policy-window.ts";
import type { Hold } from "./action.ts";
import { effectsOf } from "#runner/core/gate/gate-risk.ts";
import { timezoneOf } from "./run-scope.ts";
import { stepHold, type RunContext } from "./step-plan.ts";
import type { UnitOfWork } from "./unit-action.ts";
import type { Effects, PolicyWindow } from "#runner/schema/types.gen.ts";

/** null where it may; what has begun comes to its end at any time. */
export function windowHold(context: RunContext, unit: UnitOfWork): Hold | null {
  const { workspace, now, run } = context;
  const windows = workspace.settings.policy?.windows ?? [];
  if (windows.length === 0 || context.isCalledOff === true) return null;
  const { project, pipeline } = run.record;
  const effects = effectsOf(unit.agent);
  const at = { now, timezone: timezoneOf(workspace.settings) };
  const closed = onceFor(windows, `${now} ${project} ${pipeline} ${effects}`, () =>
    closedAt(windows, { effects, project, pipeline }, at),
  );
  if (closed === null) return null;
  return stepHold(context, unit.step.id, {
    reason: "outside-window",
    why: whyClosed(closed, effects),
    unblock: "change policy.windows in fettle.yaml, or wait",
    until: closed.until,
  });
}

const found = new WeakMap<readonly PolicyWindow[], Map<string, Closed | null>>();

/** The items of a step all ask the same, and finding the next opening takes its time. */
function onceFor(
  windows: readonly PolicyWindow[],
  question: string,
  ask: () => Closed | null,
): Closed | null {
  const before = found.get(windows);
  const known = before?.get(question);
  if (known !== undefined) return known;
  const answer = ask();
  const kept = before === undefined || before.size > ANSWERS_KEPT ? new Map() : before;
  found.set(windows, kept.set(question, answer));
  return answer;
}

const ANSWERS_KEPT = 100;

function whyClosed({ by, allowing }: Closed, effects: Effects): string {
  const what = effects === "external" ? "nothing reaches the outside world" : "it does not begin";
  return by === null
    ? `outside of ${allowing.join(" and ")} ${what}`
    : `during ${by.deny ?? ""} ${what}`;
}
