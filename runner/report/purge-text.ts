/** What a purge of history takes, what it leaves, and what a person has to do beyond this clone. */
import { branchName } from "#runner/core/ref-names.ts";
import { printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { counted, listed } from "./words.ts";

interface Found {
  readonly blobs: ReadonlySet<string>;
  readonly onMain: readonly string[];
  readonly kept: readonly string[];
  readonly others: readonly string[];
  readonly stored: readonly string[];
}

interface Done {
  readonly from: string;
  readonly to: string;
  readonly commits: number;
  readonly backup: string;
}

const SHOWN = 8;
const SHORT = 10;

export function renderPurge(purge: Found & { readonly done: Done | null }, look: Look): string {
  const { onMain, kept, done } = purge;
  if (done !== null) return printLines([...doneLines(done), ...afterLines(done.backup)], look);
  if (onMain.length + kept.length === 0) {
    return printLines(
      [["The history of main holds nothing of what was forgotten."], ...otherLines(purge)],
      look,
    );
  }
  const head = `${counted(onMain.length, "file content")} of what was forgotten would go from the history of main`;
  return printLines(
    [
      [toned("strong", head)],
      [`  ${listed(onMain, SHOWN)}`],
      ...kept.map((ref): Line => [`  ${branchName(ref)}, an old main, would be deleted`]),
      ...otherLines(purge),
      [toned("strong", 'What --yes --reason "..." does:')],
      ["  writes everything as it is now into one backup file and says where"],
      ["  writes main anew from the first such commit on; files, authors and dates stay"],
      ["  pushes main by force, expecting the old one, with the state that accepts it"],
      ["It refuses while a run is open or another branch or tag holds it."],
    ],
    look,
  );
}

function doneLines({ from, to, commits }: Done): Line[] {
  const head = `main was ${from.slice(0, SHORT)} and is ${to.slice(0, SHORT)}: ${counted(commits, "commit")} written anew`;
  return [[toned("strong", head)], ["  the state accepts it; fettle verify still holds"]];
}

/** Beyond the branches of this clone and its origin. */
function afterLines(backup: string): Line[] {
  return [
    [toned("warn", "Still to do:")],
    [
      "  here: git fetch --prune origin && git reflog expire --expire=now --all && git gc --prune=now   (all that no branch holds goes)",
    ],
    [`  the backup holds all of it: delete ${backup} when you are sure`],
    ["  fettle memory purge --check   exit 1 as long as any of it is in this clone"],
    [
      "  other clones: git fetch --prune && git reset --hard origin/main, then the same two lines; or clone anew",
    ],
    [
      "  GitHub keeps cached views and pull requests: ask its support to remove them, with the old commits",
    ],
    ["  forks and backups: their owners must delete them"],
  ];
}

function otherLines({ others }: Found): Line[] {
  if (others.length === 0) return [];
  const names = listed(others, SHOWN);
  return [
    [toned("warn", `In the way: ${names}`)],
    ["  delete or rebase them first; main alone is written anew"],
  ];
}

/** Whether any of it can be had here. */
export function renderPurgeCheck(
  { blobs, onMain, kept, others, stored }: Found,
  look: Look,
): string {
  if (stored.length === 0) {
    const head = `Nothing of what was forgotten is in this clone (${counted(blobs.size, "content")} looked for)`;
    return printLines([[toned("good", head)]], look);
  }
  const held = [...(onMain.length > 0 ? ["main"] : []), ...kept, ...others];
  const why =
    held.length > 0
      ? `  held by ${listed(held, SHOWN)}: fettle memory purge   says what to do`
      : "  held by no branch: git reflog expire --expire=now --all && git gc --prune=now";
  const head = `${counted(stored.length, "content")} of what was forgotten can be had in this clone`;
  return printLines([[toned("bad", head)], [`  ${listed(stored, SHOWN)}`], [why]], look);
}
