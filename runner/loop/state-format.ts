/** The format of the state branch: what this program writes, and what it refuses to read. */
import { branchName, STATE } from "#runner/core/ref-names.ts";
import { FORMAT_PATH } from "#runner/core/state-path.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { VERSION } from "#runner/version.ts";
import type { StateFiles } from "./state-files.ts";

export const FORMAT = { format: 2, minReader: 2 };

/** Whether this program reads what `format.json` says; null for what is no format at all. */
export function isFormatRead(format: number | null): boolean {
  return format === FORMAT.format;
}

/** A state that this program can do nothing with; the hint says what to do instead. */
export class StateFormatError extends Error {
  override readonly name = "StateFormatError";
  readonly hint: string;

  constructor(format: number | null, hint: string) {
    const has = format === null ? "no format" : `format ${format}`;
    super(`this state has ${has}, and this fettle ${VERSION} reads format ${FORMAT.format}`);
    this.hint = hint;
  }
}

/** Throws where the state is of another format: nothing else of it may be read then. */
export async function expectFormat(
  files: Pick<StateFiles, "tip" | "readText">,
  { origin }: Pick<Repository, "origin">,
): Promise<void> {
  if (files.tip === null) return;
  const format = formatIn((await files.readText(FORMAT_PATH)) ?? "");
  if (isFormatRead(format)) return;
  const isNewer = format !== null && format > FORMAT.format;
  throw new StateFormatError(format, isNewer ? "upgrade fettle" : startAnew(format, origin));
}

function formatIn(text: string): number | null {
  try {
    const { format }: { format?: unknown } = Object(JSON.parse(text));
    return typeof format === "number" ? format : null;
  } catch {
    return null;
  }
}

/** The command that puts the old state aside; the next tick begins a new one. */
function startAnew(format: number | null, origin: Repository["origin"]): string {
  const state = branchName(STATE);
  const kept = `${state}-format-${format ?? "unknown"}`;
  const there = origin === null ? "" : `git push origin ${state}:refs/heads/${kept} :${state} && `;
  return `${there}git branch -m ${state} ${kept}   keeps it; all runs start anew`;
}
