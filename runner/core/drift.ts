/** Delivered files that somebody changed on main: the edit counts where an operator made it, and is shown where nobody knows. */
import type { EditAdopt, Hold } from "./action.ts";
import type { Edit } from "./edit.ts";
import { NOTHING, type ProjectContext, type ProjectPlan } from "./project-context.ts";

/** What a person made of a delivered file is what later deliveries build on; whose work it is must be known. */
export function planDrift(context: ProjectContext): ProjectPlan {
  const edits = editsOf(context);
  const operators = context.workspace.settings.operators.map(({ email }) => email);
  const own = edits.filter(({ by }) => operators.includes(by));
  const strange = edits.filter(({ by }) => !operators.includes(by));
  return {
    ...NOTHING,
    actions: own.length === 0 ? [] : [adoption(context, own)],
    holds: strange.map((edit) => strangeHold(context, edit)),
  };
}

/** Paths that somebody changed of whom nobody knows that they may: nothing is delivered over them. */
export function strangePaths(context: ProjectContext): ReadonlySet<string> {
  const operators = context.workspace.settings.operators.map(({ email }) => email);
  return new Set(
    editsOf(context).flatMap(({ path, by }) => (operators.includes(by) ? [] : [path])),
  );
}

/** Three sides: what was delivered last, what main holds now, and what open gates bring to main themselves. */
function editsOf({ version, observed }: ProjectContext): readonly Edit[] {
  const owned = observed.summaries.inventories.get(version.name)?.owned ?? {};
  const gates = [...observed.gates.values()];
  const claimed = new Set(
    gates.flatMap(({ record }) => record.deliverables.map(({ path }) => path)),
  );
  return Object.entries(owned).flatMap(([path, from]) => {
    const seen = observed.drifted.get(path);
    if (seen === undefined || seen.blob === from || claimed.has(path)) return [];
    return [{ path, from, to: seen.blob, by: seen.by ?? "" }];
  });
}

function adoption({ version, workspace }: ProjectContext, edits: readonly Edit[]): EditAdopt {
  const [first] = edits;
  const what = edits.length === 1 ? (first?.path ?? "") : `${edits.length} delivered files`;
  return {
    kind: "edit-adopt",
    project: version.name,
    because: `${first?.by ?? ""} changed ${what}`,
    commit: workspace.commit,
    edits,
  };
}

function strangeHold({ version }: ProjectContext, { path, by }: Edit): Hold {
  return {
    project: version.name,
    subject: `file:${path}`,
    reason: "unknown-writer",
    why: `${by === "" ? "somebody" : by}, who is no operator, changed it on main after it was delivered; nothing is delivered over it`,
    unblock:
      "commit it as it should be: what an operator commits counts; where main was set back, fettle doctor says so",
    until: null,
  };
}
