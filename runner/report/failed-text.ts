/** Pipelines whose last run failed: why, and what to type. */
import { labelled, paragraph, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { relativeTime } from "./when.ts";
import type { FailedRun } from "#runner/core/failed-run.ts";

const SHOWN = 5;

export function failedLines(failed: readonly FailedRun[], look: Look): Line[] {
  if (failed.length === 0) return [];
  const more = failed.length - SHOWN;
  return [
    [toned("bad", `LAST RUN FAILED (${failed.length})`)],
    ...failed.slice(0, SHOWN).flatMap((run) => runLines(run, look)),
    ...(more > 0 ? [[toned("dim", `  and ${more} more: fettle runs`)]] : []),
  ];
}

function runLines({ of, id, endedAt, reason }: FailedRun, look: Look): Line[] {
  const place = { indent: 4, labelWidth: 9, look };
  return [
    [
      `  ${signsOf(look).failed} `,
      toned("strong", of),
      toned("dim", ` ${id}, ${relativeTime(endedAt, look.now)}`),
    ],
    ...(reason === "" ? [] : paragraph(reason, 4, look)),
    ...labelled("why", `fettle explain ${id}`, place),
    ...labelled("again", `fettle retry ${id}`, place),
  ];
}
