/** What an event says stood there before it, against what the events before it add up to. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { SummariesDraft } from "#runner/core/fold/fold.ts";

type Before = Pick<SummariesDraft, "appliedCommit" | "inventories">;

/** Sentences; none when it holds. */
export function priorProblems(before: Before, event: LedgerEvent): readonly string[] {
  if (event.kind === "rewrite-accepted") {
    const applied = before.appliedCommit;
    return event.from === applied
      ? []
      : [`it accepts main in the place of ${event.from}, and ${applied ?? "nothing"} was applied`];
  }
  if (event.kind !== "edits-adopted") return [];
  const owned = before.inventories.get(event.project)?.owned ?? {};
  return event.edits
    .filter(({ path, from }) => !Object.hasOwn(owned, path) || owned[path] !== from)
    .map(({ path }) => `${path} was not delivered as the edit says`);
}

/** People who must have been operators at a commit of main, for what their word did. */
export interface OperatorWord {
  readonly where: string;
  readonly commit: string;
  readonly by: readonly string[];
}

/** null for events that are nobody's word, or whose word is recorded elsewhere. */
export function wordOf(where: string, event: LedgerEvent): OperatorWord | null {
  if (event.kind === "rewrite-accepted") return { where, commit: event.to, by: [event.by] };
  if (event.kind !== "edits-adopted") return null;
  return { where, commit: event.commit, by: event.edits.map(({ by }) => by) };
}
