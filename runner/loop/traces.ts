/** Where else something that is forgotten still stands: what a person must know before they say that it is gone. */
import {
  branchName,
  GATE_BRANCHES,
  MAIN,
  PAYLOAD_BRANCHES,
  STATE,
} from "#runner/core/ref-names.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { filesHolding } from "#runner/repo/search-text.ts";
import type { Engine } from "./engine.ts";

export interface Trace {
  /** Branch. */
  readonly branch: string;
  /** Paths there. */
  readonly files: readonly string[];
}

/** By branch: main, open gates, recorded inputs and outputs, and the state itself. `word`: as people would write it. */
export async function tracesOf(
  { repository }: Pick<Engine, "repository">,
  word: string,
): Promise<readonly Trace[]> {
  const refs = [...readRefs(repository)]
    .filter(([ref]) => isSearched(ref))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const found: Trace[] = [];
  for (const [ref, commit] of refs) {
    const files = await filesHolding(repository, commit, word);
    if (files.length > 0) found.push({ branch: branchName(ref), files });
  }
  return found;
}

function isSearched(ref: string): boolean {
  return (
    ref === MAIN ||
    ref === STATE ||
    ref.startsWith(GATE_BRANCHES) ||
    ref.startsWith(PAYLOAD_BRANCHES)
  );
}
