/** Minutes of GitHub Actions in words. */
import type { LaneWait, MinutesStanding } from "#runner/core/lane/actions-minutes.ts";
import { waitWords } from "#runner/core/lane/actions-minutes.ts";
import { type Line, paragraph, printLines, toned } from "./lines.ts";
import type { Look } from "./look.ts";

export interface MinutesInput {
  readonly standing: MinutesStanding;
  readonly wait: LaneWait | null;
  readonly timezone: string;
}

/** Empty where fettle.yaml says nothing of GitHub Actions. */
export function renderMinutes(input: MinutesInput | null, look: Look): string {
  if (input === null) return "";
  const { standing, wait, timezone } = input;
  const lines: Line[] = [
    [],
    [toned("strong", "GITHUB ACTIONS")],
    ...paragraph(minutesWords(standing), 2, look),
    ...(wait === null ? [] : paragraph(toned("warn", waitWords(wait, timezone)), 2, look)),
  ];
  return printLines(lines, look);
}

/** `about 365 minutes a month to look and 150 for scheduled work, of 2000; 120 used this month` */
export function minutesWords({ month, used, limit }: MinutesStanding): string {
  const sum = `about ${month.looks + month.waves} minutes a month: ${month.looks} to look, ${month.waves} for what schedules and goals start`;
  const most = limit === null ? "" : `, of ${limit}`;
  return `${sum}${most}; this month ${used.looks} to look and ${used.lanes} in lanes until now`;
}
