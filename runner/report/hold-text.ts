/** Actions not taken, in words: what, why, what unblocks it, until when. */
import { paragraph, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { relativeTime } from "./when.ts";
import { counted } from "./words.ts";
import { subjectText } from "#runner/core/explanation.ts";
import type { Hold } from "#runner/core/action.ts";

/** What is held, why, what unblocks it, when it is looked at again. */
export function holdLines(holds: readonly Hold[], look: Look): Line[] {
  return [...Map.groupBy(holds, (hold) => JSON.stringify(hold)).values()].flatMap((same) =>
    holdOnce(same, look),
  );
}

/** Items that wait for the same are told once. */
function holdOnce(same: readonly Hold[], look: Look): Line[] {
  return same.slice(0, 1).flatMap((hold) => {
    const where = hold.project === null ? "" : ` in ${hold.project}`;
    const code = look.verbose ? ` ${signsOf(look).dot} ${hold.reason}` : "";
    const times = same.length === 1 ? "" : ` ${signsOf(look).dot} ${counted(same.length, "item")}`;
    return [
      ["  ", toned("strong", subjectText(hold.subject)), toned("dim", `${where}${code}${times}`)],
      ...paragraph(hold.why, 4, look),
      ...(hold.unblock === "" ? [] : paragraph(toned("warn", `unblock: ${hold.unblock}`), 4, look)),
      ...(hold.until === null
        ? []
        : paragraph(toned("dim", `next look ${relativeTime(hold.until, look.now)}`), 4, look)),
    ];
  });
}
