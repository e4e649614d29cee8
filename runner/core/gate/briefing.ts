/** Gates of low and middle risk that are shown together, on one branch. */
import type { GateOpen } from "./gate-action.ts";
import { gateFolder } from "#runner/core/state-path.ts";
import type { Policy } from "#runner/schema/types.gen.ts";

/** What the index of a briefing tells. */
export interface BriefingInput {
  readonly id: string;
  /** In the order of their places. */
  readonly gates: readonly {
    readonly open: GateOpen;
    readonly answerBy: string | null;
    readonly vetoUntil: string | null;
  }[];
  readonly policy: Policy | undefined;
}

/** A briefing is about several projects: its index stands with what concerns all of them. */
const NAMESPACE = "org";

export function briefingFolder(id: string): string {
  return gateFolder(NAMESPACE, id);
}

/** The file that tells what the briefing holds. On main it says that the briefing was merged. */
export function briefingIndex(id: string): string {
  return `${briefingFolder(id)}/briefing.md`;
}

export function briefingName(slot: string): string {
  return `briefing-${slot}`;
}
