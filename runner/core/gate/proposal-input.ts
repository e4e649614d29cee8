import type { OpenRun } from "#runner/core/model.ts";
import type { GateItem, GateRecord, Policy } from "#runner/schema/types.gen.ts";

/** An item that is shown, with what was proposed of it. */
export interface ProposedItem {
  readonly item: GateItem;
  readonly outputs: unknown;
}

/** What the pull request of an open gate tells. */
export interface ProposalInput {
  readonly gate: GateRecord;
  readonly run: OpenRun;
  readonly items: readonly ProposedItem[];
  readonly policy: Policy | undefined;
}

/** What the pull request of a briefing tells. */
export interface BriefingProposal {
  readonly id: string;
  /** Commit that proposes it. */
  readonly head: string;
  /** Markdown. */
  readonly index: string;
}

/** The texts of a pull request. */
export interface ProposalText {
  readonly title: string;
  /** Markdown; its last line names what it was made of. */
  readonly body: string;
  readonly labels: readonly string[];
}
