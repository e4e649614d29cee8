/** A tick that found everything as the last one left it. */
import { holdLines } from "./hold-text.ts";
import { printLines, toned } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { relativeTime } from "./when.ts";
import type { Hold } from "#runner/core/action.ts";

export interface RestedReport {
  readonly holds: readonly Hold[];
  readonly nextWake: string | null;
}

/** That there is nothing to do, when to look again, and what is held. */
export function renderRested({ holds, nextWake }: RestedReport, look: Look): string {
  const { same, dot } = signsOf(look);
  const wake = nextWake === null ? "" : ` ${dot} next look ${relativeTime(nextWake, look.now)}`;
  const held = holds.length === 0 ? [] : [[], [toned("strong", "HELD")], ...holdLines(holds, look)];
  return printLines([[toned("good", `${same} nothing to do`), toned("dim", wake)], ...held], look);
}
