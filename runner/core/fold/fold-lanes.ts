/** Minutes that lanes have taken of GitHub Actions, by day. */
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { DAYS_KEPT } from "#runner/core/kept-days.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { LiveWorkspace } from "#runner/schema/types.gen.ts";

export function foldLanes(
  workspace: LiveWorkspace,
  { at, billed }: EventOf<"work-claimed">,
): LiveWorkspace {
  if (billed === undefined) return workspace;
  const { day, minutes } = billed;
  const since = addMs(`${day}T00:00:00.000Z`, -DAYS_KEPT * DAY_MS).slice(0, 10);
  const before = workspace.lanes?.days ?? {};
  const recent = Object.entries(before).filter(([one]) => one >= since);
  const days = { ...Object.fromEntries(recent), [day]: (before[day] ?? 0) + minutes };
  return { ...workspace, lanes: { at, days } };
}
