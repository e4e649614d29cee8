import type { GateOpen } from "./gate-action.ts";
import type { MemoryBehind } from "#runner/core/used-memory.ts";
import type { OpenRun } from "#runner/core/model.ts";
import type { Policy } from "#runner/schema/types.gen.ts";

/** What the decision record of a gate tells. */
export interface DecisionInput {
  readonly open: GateOpen;
  readonly run: OpenRun;
  readonly planDigest: string;
  /** Null: there is no deadline. */
  readonly answerBy: string | null;
  /** Null: it waits for an answer. */
  readonly vetoUntil: string | null;
  readonly policy: Policy | undefined;
  /** Records that the steps before it were given. */
  readonly memory?: MemoryBehind;
  /** The line that raises a cap. */
  readonly change?: { readonly line: number; readonly before: string; readonly after: string };
}
