/** What a tick has done, and where everything stands after it. */
import { printLines, toned, type Line } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { counted } from "./words.ts";
import type { Hold } from "#runner/core/action.ts";

export interface TickReport {
  readonly booked: number;
  readonly end: { readonly kind: string; readonly detail?: string };
  /** All that the tick ended with; a hold without a project is the tick's own. */
  readonly holds: readonly Hold[];
  /** The status of the workspace, rendered. */
  readonly status: string;
}

/** One line on the tick, then the status; a tick that changed nothing says so in one line. */
export function renderTick(report: TickReport, look: Look): string {
  return `${printLines([headLine(report, look)], look)}\n${report.status}`;
}

function headLine({ booked, end, holds }: TickReport, look: Look): Line {
  const signs = signsOf(look);
  switch (end.kind) {
    case "interrupted":
      return [toned("warn", `${signs.attention} interrupted: fettle reconcile goes on from here`)];
    case "raced":
      return [
        toned("warn", `${signs.attention} another writer was faster: fettle reconcile again`),
      ];
    case "unpublished":
      return [toned("bad", `${signs.failed} not published: ${end.detail ?? ""}`)];
    default:
      if (booked > 0)
        return [toned("good", `${signs.ok} done: ${counted(booked, "change")} recorded`)];
      return holds.some(({ project }) => project === null)
        ? [toned("warn", `${signs.attention} nothing done: see HELD`)]
        : [toned("good", `${signs.same} nothing to do`)];
  }
}
