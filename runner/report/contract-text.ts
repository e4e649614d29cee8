/** What came of contract cases of agents. */
import { printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { counted } from "./words.ts";

export interface ContractOutcome {
  readonly agent: string;
  /** File of the case. */
  readonly path: string;
  /** What came out otherwise than expected; empty when the case is met. */
  readonly problems: readonly string[];
}

export function renderContracts(outcomes: readonly ContractOutcome[], look: Look): string {
  const unmet = outcomes.filter(({ problems }) => problems.length > 0);
  return printLines([...unmet.flatMap(unmetLines), [summaryOf(outcomes, unmet.length)]], look);
}

function unmetLines({ path, problems }: ContractOutcome): Line[] {
  return [[toned("strong", path)], ...problems.map((problem): Line => [`  ${problem}`])];
}

function summaryOf(outcomes: readonly ContractOutcome[], unmet: number): string {
  const agents = counted(new Set(outcomes.map(({ agent }) => agent)).size, "agent");
  const cases = `${counted(outcomes.length, "case")} of ${agents}`;
  if (outcomes.length === 0) return "no case: they stand in agents/<agent>/contract/<case>.yaml";
  return unmet === 0 ? `${cases}: all met` : `${cases}: ${unmet} not met`;
}
