/** When a gate comes back that is put off, and what becomes of it until then. */
import { localDay, localTime } from "#runner/core/time/calendar.ts";
import { relativeTime } from "./when.ts";

/** A gate that is open or queued, as far as putting it off concerns it. */
export interface SnoozedText {
  readonly id: string;
  readonly title: string;
  /** When its time ends; null: never. */
  readonly answerBy: string | null;
  /** It goes on by itself. */
  readonly isVetoed: boolean;
}

export function renderSnoozed(
  { id, title, answerBy, isVetoed }: SnoozedText,
  { until, now }: { readonly until: string; readonly now: string },
  timezone: string,
): string {
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
