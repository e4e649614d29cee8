/** Words for what the records name by codes. */
import { lookCommands, type Branches } from "#runner/core/gate/gate-branch.ts";
import { assentCommand } from "#runner/core/gate/gate-command.ts";
import { thresholdsOf } from "#runner/core/gate/risk.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import type { GateRecord, Policy, Risk } from "#runner/schema/types.gen.ts";

/** "1 file", "3 files". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The first words of a list and how many more there are: "INV-1, INV-2 and 7 more". */
export function listed(words: readonly string[], shown = 3): string {
  if (words.length <= shown + 1) return words.join(", ");
  return `${words.slice(0, shown).join(", ")} and ${words.length - shown} more`;
}

/** "high risk 78": the word follows the thresholds of the policy. */
export function riskText(risk: Pick<Risk, "score">, policy: Policy | undefined): string {
  return `${riskWord(risk.score, policy)} risk ${risk.score}`;
}

function riskWord(score: number, policy: Policy | undefined): "low" | "medium" | "high" {
  const { autoBelow, gateFrom } = thresholdsOf(policy);
  if (score >= gateFrom) return "high";
  return score < autoBelow ? "low" : "medium";
}

/** A command line that can be pasted. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

interface GateCommands {
  /** What must be run before the look; null when nothing must. */
  readonly fetch: string | null;
  readonly look: string;
  readonly approve: string;
  readonly reject: string;
}

/** The commands that show, approve (or answer) and reject a gate. */
export function gateCommands(
  gate: Pick<GateRecord, "id" | "branch"> & Partial<Pick<GateRecord, "asks">>,
  branches: Branches = new Map(),
): GateCommands {
  const { fetch, look } = lookCommands(gate.branch, branches);
  return {
    fetch: fetch === null ? null : shellCommand(fetch),
    look: shellCommand(look),
    approve: assentCommand(gate),
    reject: `fettle reject ${shellWord(gate.id)} --reason "..."`,
  };
}
