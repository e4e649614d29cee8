/** Lanes in words: what was handed to them, and what came back. */
import type { StepStart } from "#runner/core/action.ts";
import { printLines, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { relativeTime } from "./when.ts";
import { counted } from "./words.ts";

interface Handed {
  readonly overflow: number;
  readonly plan: {
    readonly expires: string;
    readonly units: readonly unknown[];
    readonly lanes: readonly HandedLane[];
  };
}

interface HandedLane {
  readonly lane: string;
  readonly secrets: readonly string[];
  readonly places: readonly (readonly string[])[];
  readonly minutes: number;
}

interface LanesInput {
  readonly handed: Handed | null;
  /** Why what is ready was not handed out. */
  readonly wait: string | null;
  readonly folder: string;
}

export function renderLanes({ handed, wait, folder }: LanesInput, look: Look): string {
  const signs = signsOf(look);
  if (wait !== null) return printLines([[toned("warn", `${signs.attention} ${wait}`)]], look);
  if (handed === null) return printLines([[`${signs.same} no step is ready for a lane`]], look);
  const { lanes, units, expires } = handed.plan;
  const minutes = lanes.reduce((sum, lane) => sum + lane.minutes, 0);
  const head = `${signs.ok} handed out: ${counted(units.length, "step")} in ${counted(lanes.length, "lane")}, about ${counted(minutes, "minute")}; others may take them over ${relativeTime(expires, look.now)}`;
  const waiting =
    handed.overflow === 0
      ? []
      : [[`  ${counted(handed.overflow, "step")} more must wait until these are settled`]];
  return printLines(
    [[toned("good", head)], ...lanes.map((lane) => laneLine(lane, folder)), ...waiting],
    look,
  );
}

function laneLine({ lane, secrets, places, minutes }: HandedLane, folder: string): Line {
  const given = secrets.length === 0 ? "" : `, given ${secrets.join(", ")}`;
  return [
    `  fettle execute ${folder}/lane-${lane}.json --out results/lane-${lane}   ${counted(places.flat().length, "step")}, ${counted(minutes, "minute")}${given}`,
  ];
}

interface Settled {
  readonly told: number;
  readonly lost: readonly { readonly start: StepStart; readonly reason: string }[];
  readonly open: number;
}

export function renderSettled({ told, lost, open }: Settled, look: Look): string {
  const signs = signsOf(look);
  const lines: Line[] = [
    [toned("good", `${signs.ok} settled: ${counted(told, "result")}`)],
    ...lost.map(({ start, reason }): Line => {
      const item = start.item === null ? "" : `[${start.item}]`;
      return [toned("bad", `${signs.failed} ${start.run}/${start.step}${item}: ${reason}`)];
    }),
    ...(open === 0 ? [] : [[`  ${counted(open, "step")} may still come`]]),
  ];
  return printLines(lines, look);
}
