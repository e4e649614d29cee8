/** What is forgotten, and what could not be: a person relies on it when they say that something is gone. */
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { branchName } from "#runner/core/ref-names.ts";
import { printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { counted, listed } from "./words.ts";

export interface Forgetting {
  readonly going: readonly StoredMemory[];
  /** What was looked for elsewhere. */
  readonly words: readonly string[];
  readonly gates: {
    readonly branches: readonly string[];
    readonly open: readonly string[];
    readonly inHands: readonly string[];
    readonly files: readonly string[];
  };
  readonly payload: readonly {
    readonly month: string;
    readonly digests: readonly string[];
    readonly needed: readonly { readonly by: string }[];
  }[];
  readonly rest: readonly { readonly branch: string; readonly files: readonly string[] }[];
  readonly isDone: boolean;
}

export function renderForgotten(forgetting: Forgetting, look: Look): string {
  const { going, isDone } = forgetting;
  const count = counted(going.length, "record");
  const head = isDone
    ? `${count} forgotten; a tombstone keeps each from coming back`
    : `${count} would be forgotten: --yes --reason "..."   does it`;
  return printLines(
    [
      [toned("strong", head)],
      ...going.map(({ id, path }): Line => [`  ${id}  ${path}`]),
      ...erasedLines(forgetting),
      ...keptLines(forgetting),
      ...restLines(forgetting),
      ...historyLines(),
    ],
    look,
  );
}

const FILES_SHOWN = 8;

/** What goes besides records. */
function erasedLines({ gates, payload, isDone }: Forgetting): Line[] {
  const branches = gates.branches.map(branchName);
  const months = payload.filter(({ digests }) => digests.length > 0);
  const lines: Line[] = [
    ...(gates.files.length === 0
      ? []
      : [[`  settled gates, on main: ${listed(gates.files, FILES_SHOWN)}`]]),
    ...(branches.length === 0
      ? []
      : [[`  branches of settled gates: ${listed(branches, FILES_SHOWN)}`]]),
    ...months.map(({ month, digests }): Line => [
      `  inputs, outputs and logs of ${month}: ${counted(digests.length, "content")}`,
    ]),
  ];
  if (lines.length === 0) return [];
  return [[toned("strong", isDone ? "Erased besides:" : "Would be erased besides:")], ...lines];
}

/** What waits for something else first. */
function keptLines({ gates, payload }: Forgetting): Line[] {
  const needs = [...new Set(payload.flatMap(({ needed }) => needed.map(({ by }) => by)))];
  const open = gates.open.map((ref) => branchName(ref).split("/").at(-1) ?? "");
  const hands = gates.inHands.map(branchName);
  const lines: Line[] = [
    ...open.map((gate): Line => [`  an open gate: fettle reject ${gate} --reason "..."`]),
    ...needs.map((by): Line => [
      `  recorded inputs and outputs that ${by.replace(/,$/u, "")} needs`,
    ]),
    ...hands.map((branch): Line => [`  ${branch}, which is checked out: git switch main`]),
  ];
  if (lines.length === 0) return [];
  const head = "Not yet: when that is over, the same command again erases";
  return [[toned("warn", head)], ...lines];
}

function restLines({ words, rest }: Forgetting): Line[] {
  const [word = ""] = words;
  if (rest.length === 0) return [[`Nothing else on the branches of this clone names ${word}.`]];
  return [
    [toned("warn", `Not removed, and still naming ${word}:`)],
    ...rest.map(({ branch, files }): Line => [`  ${branch}: ${listed(files, FILES_SHOWN)}`]),
    ["  on main: your own files, edit or remove them; another branch: delete it, or rebase it;"],
    ["  fettle/state: keys and names in records, which verification needs, stay"],
  ];
}

/** An honest word: a commit only ever adds. */
function historyLines(): Line[] {
  return [
    [toned("warn", "Git's history keeps what was there.")],
    ["  fettle memory purge   takes it from the history of main, once it is forgotten"],
    ["  other clones: what no branch holds goes with git gc --prune=now, after their next tick"],
    ["  forks, caches and pull requests of a forge keep copies: ask the forge to remove them"],
    ["  backups: delete those from before, or note that they hold it"],
  ];
}
