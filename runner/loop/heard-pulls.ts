/** Pull requests under which somebody has asked for something, with the open gates that they show. */
import type { Observed } from "#runner/core/model.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import type { SeenPull } from "./forge-desk.ts";

export interface HeardPull {
  readonly pull: SeenPull;
  readonly gates: readonly GateRecord[];
}

export function heardPulls(
  { forge }: Pick<Engine, "forge">,
  { gates }: Observed,
): readonly HeardPull[] {
  const records = [...gates.values()].map(({ record }) => record);
  return [...Map.groupBy(records, ({ branch }) => branch)].flatMap(([branch, shown]) => {
    const pull = forge.pulls.get(branch);
    return pull === undefined || pull.spoken.length === 0 ? [] : [{ pull, gates: shown }];
  });
}
