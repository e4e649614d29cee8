/** What was stopped, by whom, since when. */
import { scopeName } from "#runner/core/stop.ts";
import type { StopRequest } from "#runner/schema/types.gen.ts";
import { labelled, type Line, toned } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { relativeTime } from "./when.ts";
import { shellCommand } from "./words.ts";

export function stopLines(stops: readonly StopRequest[], look: Look): Line[] {
  if (stops.length === 0) return [];
  const place = { indent: 4, labelWidth: 9, look };
  return [
    [toned("bad", `STOPPED (${stops.length})`)],
    ...stops.flatMap((stop) => {
      const scope = scopeName(stop);
      const why = stop.reason === "" ? "" : `: ${stop.reason}`;
      const words = ["fettle", "start", ...(scope === "" ? [] : [scope])];
      return [
        [
          `  ${signsOf(look).attention} `,
          toned("strong", scope === "" ? "everything" : scope),
          ` by ${stop.by}, ${relativeTime(stop.at, look.now)}${why}`,
        ],
        ...labelled("go on", shellCommand(words), place),
      ];
    }),
  ];
}
