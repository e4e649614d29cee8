/** Runs that are over and whose approval was taken back since. */
import { standingWords, type WithdrawnRun } from "#runner/core/withdrawn-run.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import { labelled, paragraph, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";

/** What was done by an approval that does not stand any more. */
export function withdrawnLines(withdrawn: readonly WithdrawnRun[], look: Look): Line[] {
  if (withdrawn.length === 0) return [];
  const place = { indent: 4, labelWidth: 9, look };
  return [
    [toned("bad", `TAKEN BACK AFTERWARDS (${withdrawn.length})`)],
    ...withdrawn.flatMap((one) => [
      [`  ${signsOf(look).attention} `, toned("strong", one.title), toned("dim", ` ${one.run}`)],
      ...paragraph(standingWords(one), 4, look),
      ...labelled("look", `fettle undo ${shellWord(one.run)}`, place),
    ]),
  ];
}
