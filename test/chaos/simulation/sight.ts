/** What a runner sees of main and of the branches of gates when it asks the origin. */
import { branchAlone } from "#runner/core/gate/gate-state.ts";
import type { Observed } from "#runner/core/model.ts";
import { contains, type Commit } from "./main.ts";
import type { World } from "./world.ts";

export interface Sight {
  readonly commit: Commit;
  /** Gates whose branch is gone. */
  readonly deleted: ReadonlySet<string>;
}

export function sightOf({ main, deleted }: World): Sight {
  return { commit: main.head, deleted: new Set(deleted) };
}

/** State with what main and the branches say of it. */
export function withSight(seen: Observed, { commit, deleted }: Sight): Observed {
  const gates = [...seen.gates].map(([id, gate]) => {
    const branchHead = deleted.has(id) ? null : gate.record.head;
    const facts = { ...branchAlone(branchHead), onMain: commit.merges.get(id) ?? null };
    return [id, { ...gate, facts }] as const;
  });
  const applied = seen.summaries.workspace.appliedCommit;
  const descends = applied === null || contains(commit, applied);
  return { ...seen, gates: new Map(gates), descends };
}
