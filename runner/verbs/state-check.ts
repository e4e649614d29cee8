/** Whether the state that counts holds all that this clone has seen of it, for `fettle doctor`. */
import { branchName, seenRef, STATE } from "#runner/core/ref-names.ts";
import { onlySeen } from "#runner/loop/put-back.ts";
import {
  conflictWords,
  stateConflict,
  type Shown,
  type StateConflict,
} from "#runner/loop/state-standing.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { counted, listed } from "#runner/report/words.ts";
import type { Check } from "./check.ts";

const MOST_NAMED = 5;

/** A problem with what would be lost and what to do; null when nothing was taken back. */
export async function conflictCheck(
  engine: Pick<Engine, "repository" | "store">,
  shown: Shown,
): Promise<Check | null> {
  const conflict = await stateConflict(engine.repository, shown);
  if (conflict === null) return null;
  const what = `${conflictWords(conflict, engine.repository)}; ${await lossWords(engine, conflict)}`;
  const fix =
    conflict.kind === "set-back"
      ? "fettle doctor --repair   puts it back; nothing is lost"
      : wayOut(conflict, shown);
  return { status: "problem", what, fix };
}

async function lossWords(
  engine: Pick<Engine, "repository" | "store">,
  conflict: StateConflict,
): Promise<string> {
  const { commits, subject, effects } = await onlySeen(engine, conflict);
  const count = `${counted(commits, "commit")} would be lost, the last one "${subject}"`;
  if (effects.length === 0) return count;
  return `${count}; they say what became of the external effects ${listed(effects, MOST_NAMED)}`;
}

/** Only a person can say which of the two histories is the true one. */
function wayOut(
  { ref, newest, now }: Extract<StateConflict, { kind: "parted" }>,
  shown: Shown,
): string {
  const branch = branchName(ref);
  const forget = `git update-ref -d ${seenRef(STATE)}`;
  const keep =
    shown === null ? `git update-ref ${ref} ${newest}` : `git push --force origin ${newest}:${ref}`;
  return [
    `decide which one is true. The one that this clone has seen:`,
    keep,
    `or the one that stands there now; what stands only in the other is lost, and its effects may happen again:`,
    shown === null ? forget : `git update-ref ${ref} ${now} && ${forget}`,
    `git log --oneline ${now}..${newest}   shows what ${branch} would lose`,
  ].join("\n    ");
}
