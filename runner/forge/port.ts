/** Where proposals are reviewed. Facts come from it, never decisions; texts go to it as they were rendered. */
import type { BranchWord } from "#runner/core/branch-word.ts";
import type { ForgeFacts } from "#runner/core/forge/forge-facts.ts";
import type { ForgeSetup } from "#runner/core/forge/forge-setup.ts";
import type { Remark } from "#runner/core/forge/spoken.ts";

/**
 * What came of a request. `away`: no answer, or none that means anything; `limited`: not before `until`; `refused`: the forge
 * will not do it.
 */
export type Told<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      readonly reason: "away" | "limited" | "refused";
      readonly detail: string;
      readonly until: string | null;
    };

/** A branch that is to be reviewed. */
export interface Proposal {
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly labels: readonly string[];
}

/** `absent`: there is no such branch, or nothing in it that main lacks. */
export type Proposed =
  | { readonly kind: "made" | "found"; readonly number: number }
  | { readonly kind: "absent" };

/** What a forge shows of the newest pull request of a branch. */
export interface PullFacts extends ForgeFacts {
  readonly number: number;
  /** Commit that the branch held when it was seen last; of a merged one, what was merged. */
  readonly head: string;
  readonly title: string;
  readonly body: string;
  /** Changes with everything that happens to it. */
  readonly version: string;
  /** Oldest first. */
  readonly comments: readonly Remark[];
}

export interface Watched {
  /** Without `refs/heads/`. */
  readonly branches: readonly string[];
  /** What was seen before, by branch: what has not changed since is not asked for again. */
  readonly known: ReadonlyMap<string, PullFacts>;
}

export interface Note {
  /** One note of a key stands under a proposal: it is changed, never repeated. */
  readonly key: string;
  /** Markdown. */
  readonly text: string;
}

/** What came of a text that is kept up to date. */
export type Kept = "made" | "changed" | "same";

/** One issue of the repository that is kept up to date. */
export interface KeptIssue {
  /** There is one issue of a key: its label and a mark in its text find it again. */
  readonly key: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/** How things stand with a commit, in a line. */
export interface CommitWord extends BranchWord {
  /** One word of a context counts: the last one. */
  readonly context: string;
  /** Pull request that it is about. */
  readonly number: number;
}

export type Merging =
  /** `moved`: the branch holds something else by now; `conflict`: it does not go together with main, or may not be merged. */
  { readonly kind: "merged" | "moved" | "conflict"; readonly detail: string };

export interface Forge {
  /** Pull requests of these branches, by branch; one that is missing was not found. */
  observe(watched: Watched, signal: AbortSignal): Promise<Told<ReadonlyMap<string, PullFacts>>>;
  /** Makes sure that one proposal for the branch is open; however often it is called, there is only one. */
  propose(proposal: Proposal, signal: AbortSignal): Promise<Told<Proposed>>;
  /** Changes title and body. */
  revise(
    number: number,
    text: Pick<Proposal, "title" | "body">,
    signal: AbortSignal,
  ): Promise<Told<"changed">>;
  note(number: number, note: Note, signal: AbortSignal): Promise<Told<Kept>>;
  /** Makes sure that the one issue of a key says this; however often it is called, there is only one. */
  keepIssue(issue: KeptIssue, signal: AbortSignal): Promise<Told<Kept>>;
  /** Says how things stand with a commit, unless that is said already. */
  sayOf(commit: string, word: CommitWord, signal: AbortSignal): Promise<Told<Kept>>;
  /** How the repository is set up there. */
  setup(signal: AbortSignal): Promise<Told<ForgeSetup>>;
  /** Whether somebody may write to the repository. */
  mayWrite(login: string, signal: AbortSignal): Promise<Told<boolean>>;
  /** Merges what the branch holds, as long as that is `head`. */
  merge(
    number: number,
    what: { readonly head: string; readonly message: string },
    signal: AbortSignal,
  ): Promise<Told<Merging>>;
}
