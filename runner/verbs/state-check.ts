/** Whether the state that counts holds all that this clone has seen of it, for `fettle doctor`. */
import { shellWord } from "#runner/core/shell-word.ts";
import { branchName, MAIN, seenRef, STATE } from "#runner/core/ref-names.ts";
import { mainSetBack } from "#runner/loop/main-standing.ts";
import { onlySeen } from "#runner/loop/put-back.ts";
import {
  conflictWords,
  stateConflict,
  type Shown,
  type StateConflict,
  type StateLost,
} from "#runner/loop/state-standing.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { readRefs } from "#runner/repo/refs.ts";
import { counted, listed } from "#runner/report/words.ts";
import type { Check } from "./check.ts";

const MOST_NAMED = 5;

/** A problem with what would be lost and what to do; null when nothing was taken back. */
export async function conflictCheck(
  engine: Pick<Engine, "repository" | "store">,
  shown: Shown,
): Promise<Check | null> {
  const conflict = await stateConflict(engine, shown);
  if (conflict === null) return null;
  const words = conflictWords(conflict, engine.repository);
  switch (conflict.kind) {
    case "checked-out":
      return {
        status: "problem",
        what: words,
        fix: `git -C ${shellWord(conflict.folder)} switch -`,
      };
    case "foreign":
      return { status: "problem", what: words, fix: foreignWayOut(conflict) };
    case "set-back":
    case "parted": {
      const what = `${words}; ${await lossWords(engine, conflict)}`;
      const fix =
        conflict.kind === "set-back"
          ? "fettle doctor --repair   puts it back; nothing is lost"
          : wayOut(conflict, shown);
      return { status: "problem", what, fix };
    }
  }
}

/** What a person has pushed, only a person takes back. */
function foreignWayOut({
  ref,
  own,
  now,
  isHere,
}: Extract<StateConflict, { kind: "foreign" }>): string {
  if (isHere)
    return `fettle doctor --repair   takes the branch back to ${own ?? "nothing"}; ${now} can still be looked at`;
  return `git push --force-with-lease=${ref}:${now} origin ${own ?? ""}:${ref}`;
}

async function lossWords(
  engine: Pick<Engine, "repository" | "store">,
  conflict: StateLost,
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

/** A problem where main lacks what was delivered to it. */
export async function setBackCheck(engine: Engine, shown: Shown): Promise<Check | null> {
  const now = (shown ?? readRefs(engine.repository)).get(MAIN);
  const found = now === undefined ? null : await mainSetBack(engine, now);
  if (found === null) return null;
  const { newest, isHere } = found;
  const place = shown === null ? "here" : "at the origin";
  const what = `main was set back ${place} to ${found.now.slice(0, 10)}: it lacks ${newest.slice(0, 10)}, which was delivered`;
  const push = `git push origin ${newest}:${MAIN}`;
  if (!isHere) return { status: "problem", what, fix: `in the clone that has it: ${push}` };
  const fix =
    shown === null
      ? `git switch main && git merge --ff-only ${newest}`
      : "fettle doctor --repair   puts it back; nothing is lost";
  return { status: "problem", what, fix };
}
