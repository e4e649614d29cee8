/** The forge of any remote that speaks git: a proposal is its branch, and an answer what people do with that. */
import type { Forge, PullFacts, Told } from "./port.ts";

/** What git shows at the origin, or here where there is none. */
export interface GitSight {
  /** Commit by branch, without `refs/heads/`. */
  readonly heads: (signal: AbortSignal) => Promise<Told<ReadonlyMap<string, string>>>;
  /** Whether main holds the commit. */
  readonly isOnMain: (commit: string) => Promise<boolean>;
}

export function localForge(git: GitSight): Forge {
  return {
    kind: "local",
    observe: async ({ branches, known }, signal) => {
      const heads = await git.heads(signal);
      if (!heads.ok) return heads;
      const facts = await Promise.all(
        branches.map(async (branch) => {
          const head = heads.value.get(branch) ?? null;
          const before = known.get(branch)?.head ?? null;
          const last = head ?? before;
          if (last === null) return [];
          const isMerged = await git.isOnMain(last);
          return [
            [branch, factsOf(last, isMerged ? "merged" : head === null ? "closed" : "open")],
          ] as const;
        }),
      );
      return { ok: true, value: new Map(facts.flat()) };
    },
    propose: async ({ branch }, signal) => {
      const heads = await git.heads(signal);
      if (!heads.ok) return heads;
      const head = heads.value.get(branch);
      const isThere = head !== undefined && !(await git.isOnMain(head));
      return { ok: true, value: isThere ? { kind: "found", number: 0 } : { kind: "absent" } };
    },
    revise: () => unsupported(),
    note: () => unsupported(),
    keepIssue: () => unsupported(),
    sayOf: () => unsupported(),
    setup: () => unsupported(),
    mayWrite: () => unsupported(),
    merge: () => unsupported(),
  };
}

/** Git tells who has committed, not who has merged or closed. */
function factsOf(head: string, state: PullFacts["state"]): PullFacts {
  const nobody = {
    closedBy: null,
    mergedBy: null,
    reviews: [],
    comments: [],
    mergeable: null,
    draft: false,
  };
  return { ...nobody, number: 0, head, title: "", body: "", state, version: `${state} ${head}` };
}

function unsupported(): Promise<Extract<Told<never>, { ok: false }>> {
  const detail = "a plain git remote has no pull requests, issues or statuses";
  return Promise.resolve({ ok: false, reason: "unsupported", detail, until: null });
}
