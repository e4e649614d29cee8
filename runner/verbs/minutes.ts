/** What verbs that look say of the minutes of GitHub Actions. */
import { laneWait, minutesStanding, type MinutesFacts } from "#runner/core/lane/actions-minutes.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { MinutesInput } from "#runner/report/minutes-text.ts";

/** null where fettle.yaml says nothing of them. */
export function minutesOf(facts: MinutesFacts): MinutesInput | null {
  const { settings } = facts.workspace;
  if (settings.actions === undefined) return null;
  const timezone = timezoneOf(settings);
  return { standing: minutesStanding(facts), wait: laneWait(facts), timezone };
}
