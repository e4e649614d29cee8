/** What of an item that a gate shows goes on. */
import { digestOf } from "#runner/core/canonical-json.ts";
import type { SettledItem } from "./gate-action.ts";
import type { ObservedGate } from "#runner/core/model.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type { GateItem } from "#runner/schema/types.gen.ts";

type OnMain = NonNullable<ObservedGate["facts"]["onMain"]>;

interface Merged {
  readonly gate: ObservedGate;
  readonly onMain: OnMain;
}

export function decideItem(
  { run }: RunContext,
  item: GateItem,
  { gate, onMain }: Merged,
): SettledItem {
  const found = onMain.items.get(item.path);
  if (found === undefined) return refusedItem(item);
  const { blob, outputs } = found;
  const { show, key } = item;
  const value = { kind: "value", value: outputs } as const;
  if (digestOf(outputs) === item.outputs.digest) {
    const cited = refusedItem(item);
    const isHere = run.values.has(item.outputs.digest);
    return { ...cited, decision: "approved", blob, outputs: isHere ? cited.outputs : value };
  }
  const { project, pipeline, asks } = gate.record;
  // Of a question it names what was asked.
  const digest =
    asks === undefined ? digestOf({ project, pipeline, show, key, outputs }) : item.digest;
  return { ...refusedItem(item), digest, decision: "edited", blob, outputs: value };
}

export function refusedItem({ show, key, step, digest, input, outputs }: GateItem): SettledItem {
  return {
    show,
    key,
    step,
    digest,
    input: input === null ? null : { kind: "cited", citation: input },
    outputs: { kind: "cited", citation: outputs },
    decision: "rejected",
    blob: null,
  };
}

/** Nothing of it was changed. */
export function asShown({ record }: ObservedGate): readonly SettledItem[] {
  return record.items.map((item) => ({ ...refusedItem(item), decision: "approved" }));
}
