/** What is known of a project's goals, event by event. */
import { entryOf } from "#runner/core/entry.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { GoalState, LiveProject } from "#runner/schema/types.gen.ts";

const MEASUREMENTS_KEPT = 60;

const UNMEASURED: GoalState = {
  value: null,
  met: null,
  measuredAt: null,
  unmetRuns: 0,
  lastRunEndedAt: null,
  history: [],
};

type Goals = LiveProject["goals"];
type RunFinished = Extract<LedgerEvent, { kind: "run-finished" }>;

/** Keeps what is known of the goals that still exist and adds the new ones. */
export function foldGoals(goals: Goals, names: readonly string[]): Goals {
  return Object.fromEntries(names.map((name) => [name, entryOf(goals, name) ?? UNMEASURED]));
}

/** Books a measurement; that of a goal which is gone says nothing. */
export function foldGoal(live: LiveProject, event: RunFinished): Goals {
  const { goal } = event;
  const before = goal === null ? undefined : entryOf(live.goals, goal.name);
  if (goal === null || before === undefined) return live.goals;
  const history = [...before.history, { at: event.at, value: goal.value }];
  const { reason: _, ...known } = before;
  const after: GoalState = {
    ...known,
    value: goal.value,
    met: goal.met,
    measuredAt: event.at,
    measuredBy: event.run,
    unmetRuns: unmetRuns(before, goal.met),
    history: history.slice(-MEASUREMENTS_KEPT),
    ...(goal.met === null ? { reason: goal.reason } : {}),
  };
  return { ...live.goals, [goal.name]: after };
}

function unmetRuns(before: GoalState, met: boolean | null): number {
  if (met === null) return before.unmetRuns;
  if (met) return 0;
  const ranSince =
    before.lastRunEndedAt !== null &&
    (before.measuredAt === null || before.lastRunEndedAt > before.measuredAt);
  return ranSince ? before.unmetRuns + 1 : before.unmetRuns;
}

/** Notes that a run which serves these goals has ended. */
export function foldRunForGoals(goals: Goals, names: readonly string[], endedAt: string): Goals {
  const changed = names.map((name) => [
    name,
    { ...(entryOf(goals, name) ?? UNMEASURED), lastRunEndedAt: endedAt },
  ]);
  return { ...goals, ...Object.fromEntries(changed) };
}
