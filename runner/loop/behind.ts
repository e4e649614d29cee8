/** Words for a work tree whose files did not follow main: its next commit would undo what main got. */
import { shellWord } from "#runner/core/shell-word.ts";
import { branchName, MAIN } from "#runner/core/ref-names.ts";
import type { Obstacle } from "#runner/repo/delivery.ts";

export interface BehindWords {
  readonly why: string;
  readonly unblock: string;
}

export function behindWords({ workTree, paths }: Obstacle): BehindWords {
  const danger = "a commit there now would undo the delivery";
  if (paths.length === 0) {
    const why = `the files in ${workTree} did not follow main, because another git command is at work there: ${danger}`;
    return { why, unblock: "fettle reconcile when it is done" };
  }
  const why = `the files in ${workTree} did not follow main, because ${paths.join(", ")} changed at that moment: ${danger}`;
  const words = paths.map(shellWord).join(" ");
  const unblock = `keep your version elsewhere, git checkout ${branchName(MAIN)} -- ${words} there, then fettle reconcile`;
  return { why, unblock };
}
