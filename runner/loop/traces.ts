/** Where else something that is forgotten still stands: what a person must know before they say that it is gone. */
import { branchName } from "#runner/core/ref-names.ts";
import { allRefs } from "#runner/repo/all-refs.ts";
import type { Refs } from "#runner/repo/refs.ts";
import { filesHolding } from "#runner/repo/search-text.ts";
import type { Engine } from "./engine.ts";

export interface Trace {
  readonly ref: string;
  /** As people call it. */
  readonly branch: string;
  readonly commit: string;
  /** Paths there. */
  readonly files: readonly string[];
}

const BRANCHES = "refs/heads/";
/** What is looked at as a branch of this clone, or follows it. */
const COPY = /^refs\/(?:fettle\/|remotes\/[^/]+\/(?:HEAD$|main$|fettle\/))/u;

/** By branch, of this clone and as it has seen others, by tag, by the stash and the like: their newest files, not their history. */
export async function tracesOf(
  { repository }: Pick<Engine, "repository">,
  words: readonly string[],
): Promise<readonly Trace[]> {
  const refs = searched(await allRefs(repository));
  const found: Trace[] = [];
  for (const [ref, commit] of refs) {
    const files = await filesHolding(repository, commit, words);
    if (files.length > 0) found.push({ ref, branch: nameOf(ref), commit, files });
  }
  return found;
}

function searched(refs: Refs): readonly (readonly [ref: string, commit: string])[] {
  return [...refs].filter(([ref]) => !COPY.test(ref)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function nameOf(ref: string): string {
  return ref.startsWith(BRANCHES) ? branchName(ref) : ref.slice("refs/".length);
}
