/** Pull requests, with the open gates that they show. */
import type { Observed } from "#runner/core/model.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";
import type { SeenPull } from "./forge-desk.ts";

export interface ShownGates {
  readonly pull: SeenPull;
  readonly gates: readonly GateRecord[];
}

export function shownGates(
  { forge }: Pick<Engine, "forge">,
  { gates }: Observed,
): readonly ShownGates[] {
  const records = [...gates.values()].map(({ record }) => record);
  return [...Map.groupBy(records, ({ branch }) => branch)].flatMap(([branch, shown]) => {
    const pull = forge.pulls.get(branch);
    return pull === undefined ? [] : [{ pull, gates: shown }];
  });
}
