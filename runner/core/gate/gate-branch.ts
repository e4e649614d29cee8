/** Where a gate's branch can be looked at from this clone. */

/** As a branch of its own, as the origin's when it was fetched last, or not at all. */
export type Whereabouts = "here" | "origin" | "away";

/** By branch name; one that is missing is here. */
export type Branches = ReadonlyMap<string, Whereabouts>;

interface LookCommands {
  /** What must be run before; null when nothing must. */
  readonly fetch: readonly string[] | null;
  readonly look: readonly string[];
}

/** The words of the commands that show what a gate proposes. */
export function lookCommands(branch: string, branches: Branches): LookCommands {
  switch (branches.get(branch) ?? "here") {
    case "here":
      return { fetch: null, look: diffWith(branch) };
    case "origin":
      return { fetch: null, look: diffWith(`origin/${branch}`) };
    case "away":
      return { fetch: ["git", "fetch", "origin", branch], look: diffWith("FETCH_HEAD") };
  }
}

function diffWith(revision: string): readonly string[] {
  return ["git", "diff", `main...${revision}`];
}
