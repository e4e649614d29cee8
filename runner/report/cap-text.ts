/** Caps that are nearly used up, for people. */
import type { CapWarning } from "#runner/core/money/cap-warning.ts";
import { type Line, paragraph, toned } from "./lines.ts";
import { type Look, signsOf } from "./look.ts";
import { relativeTime } from "./when.ts";

const MOST = 5;

/** The title, the caps, and where to see all; nothing while all is well. */
export function capLines(warnings: readonly CapWarning[], look: Look): Line[] {
  if (warnings.length === 0) return [];
  const shown = warnings.slice(0, MOST);
  const more = warnings.length - shown.length;
  return [
    [toned("strong", "BUDGET")],
    ...shown.flatMap((warning) => warningLines(warning, look)),
    [toned("dim", `  ${more > 0 ? `${more} more; ` : ""}all caps: fettle costs`)],
  ];
}

function warningLines({ level, text, file, until }: CapWarning, look: Look): Line[] {
  const wake = until === null ? "" : `, begins anew ${relativeTime(until, look.now)}`;
  const tone = level === "full" ? "bad" : "warn";
  const [first = [], ...rest] = paragraph(toned(tone, text), 4, look);
  return [
    [`  ${signsOf(look).attention} `, ...first.slice(1)],
    ...rest,
    ...paragraph(toned("dim", `${file}${wake}`), 4, look),
  ];
}
