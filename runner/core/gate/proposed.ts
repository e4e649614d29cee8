/** What an operator approves with one word: a gate, or all that a briefing shows. */
import { briefingFolder, briefingIndex } from "./briefing.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";

export interface Proposed extends Pick<GateRecord, "id" | "title" | "branch" | "head"> {
  /** Its own, then those of what it holds. */
  readonly folders: readonly [string, ...string[]];
  /** The file that says on main that it was merged. */
  readonly record: string;
  readonly deliverables: readonly { readonly path: string }[];
}

export function proposedBy(gate: GateRecord): Proposed {
  const { id, title, branch, head, folder, deliverables } = gate;
  const record = `${folder}/decision.md`;
  return { id, title, branch, head, folders: [folder], record, deliverables };
}

/** undefined when none of its gates is open. */
export function proposedTogether(id: string, gates: readonly GateRecord[]): Proposed | undefined {
  const [first] = gates;
  if (first === undefined) return undefined;
  const { branch, head } = first;
  const titles = gates.map(({ title }) => title).join(", ");
  return {
    id,
    title: `${id} (${titles})`,
    branch,
    head,
    folders: [briefingFolder(id), ...gates.map(({ folder }) => folder)],
    record: briefingIndex(id),
    deliverables: gates.flatMap(({ deliverables }) => deliverables),
  };
}
