/** What is forgotten, and what could not be: a person relies on it when they say that something is gone. */
import type { StoredMemory } from "#runner/core/memory-file.ts";
import { printLines, toned, type Line } from "./lines.ts";
import type { Look } from "./look.ts";
import { counted, listed } from "./words.ts";

export interface Forgetting {
  readonly going: readonly StoredMemory[];
  /** What was looked for elsewhere. */
  readonly word: string;
  readonly traces: readonly { readonly branch: string; readonly files: readonly string[] }[];
  readonly blobs: readonly string[];
  readonly isDone: boolean;
}

export function renderForgotten(forgetting: Forgetting, look: Look): string {
  const { going, word, traces, isDone } = forgetting;
  const head = isDone
    ? `${counted(going.length, "record")} forgotten; a tombstone keeps each from coming back`
    : `${counted(going.length, "record")} would be forgotten: --yes --reason "..."   does it`;
  return printLines(
    [
      [toned("strong", head)],
      ...going.map(({ id, path }): Line => [`  ${id}  ${path}`]),
      ...traceLines(word, traces),
      ...historyLines(forgetting),
    ],
    look,
  );
}

const FILES_SHOWN = 8;

function traceLines(word: string, traces: Forgetting["traces"]): Line[] {
  if (traces.length === 0) return [[`Nothing else on these branches names ${word}.`]];
  return [
    [toned("warn", `Not removed, and still naming ${word}:`)],
    ...traces.map(({ branch, files }): Line => [`  ${branch}: ${listed(files, FILES_SHOWN)}`]),
    ["  on main: edit or remove them; an open gate: fettle reject <gate>, then delete its branch;"],
    ["  recorded inputs and outputs stay on their branch until it is deleted"],
  ];
}

/** An honest word: a commit only ever adds. */
function historyLines({ going, blobs }: Forgetting): Line[] {
  if (going.length === 0) return [];
  const paths = [...new Set(going.map(({ path }) => path))].map((path) => `--path ${path}`);
  return [
    [toned("warn", "Git's history keeps what was there. To rewrite it, in a fresh clone:")],
    [`  git filter-repo --invert-paths ${paths.join(" ")}`],
    [
      "  git push --force origin main; then, in every other clone: clone anew, fettle accept-rewrite",
    ],
    [`  git cat-file -e ${blobs[0] ?? ""}   fails where it is gone`],
    ["  forks, caches and pull requests of a forge keep copies: ask the forge to remove them"],
  ];
}
