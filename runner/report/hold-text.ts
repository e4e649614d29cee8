/** Actions not taken, in words: what, why, what unblocks it, until when. */
import { paragraph, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { relativeTime } from "./when.ts";
import { counted } from "./words.ts";
import { subjectText } from "#runner/core/explanation.ts";
import type { Hold } from "#runner/core/action.ts";

/** What is held, why, what unblocks it, when it is looked at again. */
export function holdLines(holds: readonly Hold[], look: Look): Line[] {
  return [...Map.groupBy(holds, readsAs).values()].flatMap((same) => holdOnce(same, look));
}

/** Instants that differ by less than a minute read the same; the earliest is looked at next. */
function readsAs(hold: Hold): string {
  const { why, unblock, until, ...rest } = hold;
  const texts = [minutes(why), minutes(unblock), until === null ? null : minutes(until)];
  return JSON.stringify([rest, texts]);
}

function minutes(text: string): string {
  return text.replaceAll(/(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d(?:\.\d+)?Z/gu, "$1Z");
}

function earliestFirst(a: Hold, b: Hold): number {
  return (a.until ?? "") < (b.until ?? "") ? -1 : 1;
}

/** Items that wait for the same are told once. */
function holdOnce(same: readonly Hold[], look: Look): Line[] {
  return same
    .toSorted(earliestFirst)
    .slice(0, 1)
    .flatMap((hold) => {
      const isWhole = hold.subject === "project" && hold.project !== null;
      const what = isWhole ? `project ${hold.project}` : subjectText(hold.subject);
      const where = isWhole || hold.project === null ? "" : ` in ${hold.project}`;
      const code = look.verbose ? ` ${signsOf(look).dot} ${hold.reason}` : "";
      const times =
        same.length === 1 ? "" : ` ${signsOf(look).dot} ${counted(same.length, "item")}`;
      return [
        ["  ", toned("strong", what), toned("dim", `${where}${code}${times}`)],
        ...paragraph(hold.why, 4, look),
        ...(hold.unblock === ""
          ? []
          : paragraph(toned("warn", `unblock: ${hold.unblock}`), 4, look)),
        ...(hold.until === null
          ? []
          : paragraph(toned("dim", `next look ${relativeTime(hold.until, look.now)}`), 4, look)),
      ];
    });
}
