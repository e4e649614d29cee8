/** What external effects came to. */
import { entryOf } from "#runner/core/entry.ts";
import type { EventOf } from "#runner/core/ledger-event.ts";
import type { EffectSum, LiveWorkspace } from "#runner/schema/types.gen.ts";

type Sums = LiveWorkspace["effectSums"];

/** What is older than `since` counts in no window any more. */
export function foldSums(
  sums: Sums,
  { agent, at, sums: added = {} }: EventOf<"effect-intended">,
  since: string,
): Pick<LiveWorkspace, "effectSums"> {
  const units = Object.entries(added);
  if (units.length === 0) return {};
  const before = entryOf(sums, agent) ?? {};
  const after = units.map(([unit, micros]): [string, EffectSum[]] => {
    const recent = (entryOf(before, unit) ?? []).filter((sum) => sum.at >= since);
    return [unit, [...recent, { at, micros }]];
  });
  return { effectSums: { ...sums, [agent]: { ...before, ...Object.fromEntries(after) } } };
}
