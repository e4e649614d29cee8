/** The format of the state branch: what this program writes, what it only reads, and what it refuses. */
import { branchName, seenRef, STATE } from "#runner/core/ref-names.ts";
import { FORMAT_PATH } from "#runner/core/state-path.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { FormatRecord } from "#runner/schema/types.gen.ts";
import { VERSION } from "#runner/version.ts";
import type { StateFiles } from "./state-files.ts";

export const FORMAT: FormatRecord = { format: 2, minReader: 2 };

/** What this program may do with a state; `read-only`: it is newer, and says that this program reads it rightly. */
export type Access = "read-write" | "read-only" | "none";

/** `found` is null for what is no format at all. */
export function accessTo(found: FormatRecord | null): Access {
  if (found === null) return "none";
  if (found.format === FORMAT.format) return "read-write";
  return found.format > FORMAT.format && found.minReader <= FORMAT.format ? "read-only" : "none";
}

/** A state that this program must leave alone; the hint says what to do instead. */
export class StateFormatError extends Error {
  override readonly name = "StateFormatError";
  readonly exit: "usage" | "refused";
  readonly hint: string;

  constructor(found: FormatRecord | null, hint: string) {
    const has = found === null ? "no format" : `format ${found.format}`;
    const isReadable = accessTo(found) === "read-only";
    const does = isReadable ? "reads it and writes" : "reads";
    super(`this state has ${has}, and this fettle ${VERSION} ${does} format ${FORMAT.format}`);
    this.exit = isReadable ? "refused" : "usage";
    this.hint = hint;
  }
}

type Formatted = Pick<StateFiles, "tip" | "readText">;

/** Throws where the state cannot be read: nothing else of it may be looked at then. */
export async function expectFormat(
  files: Formatted,
  repository: Pick<Repository, "origin">,
): Promise<void> {
  const found = await formatOf(files);
  if (found === undefined || accessTo(found) !== "none") return;
  throw new StateFormatError(found, wayOut(found, repository));
}

/** Throws where the state must not be changed by this program. */
export async function expectWritable(
  files: Formatted,
  repository: Pick<Repository, "origin">,
): Promise<void> {
  const found = await formatOf(files);
  if (found === undefined || accessTo(found) === "read-write") return;
  throw new StateFormatError(found, wayOut(found, repository));
}

/** undefined: there is no state yet. */
async function formatOf(files: Formatted): Promise<FormatRecord | null | undefined> {
  return files.tip === null ? undefined : formatIn((await files.readText(FORMAT_PATH)) ?? "");
}

/** What a `format.json` says; null where that is no format. */
export function formatIn(text: string): FormatRecord | null {
  try {
    const { format, minReader }: { format?: unknown; minReader?: unknown } = Object(
      JSON.parse(text),
    );
    return typeof format === "number" && typeof minReader === "number"
      ? { format, minReader }
      : null;
  } catch {
    return null;
  }
}

function wayOut(found: FormatRecord | null, { origin }: Pick<Repository, "origin">): string {
  if (found === null || found.format < FORMAT.format) return startAnew(found, origin);
  return accessTo(found) === "none"
    ? "upgrade fettle"
    : "upgrade fettle to change it; status, plan and the other verbs that only look work with this one";
}

/** The command that puts the old state aside; the next tick begins a new one. */
function startAnew(found: FormatRecord | null, origin: Repository["origin"]): string {
  const state = branchName(STATE);
  const kept = `${state}-format-${found?.format ?? "unknown"}`;
  const there = origin === null ? "" : `git push origin ${state}:refs/heads/${kept} :${state} && `;
  const forget = `git update-ref -d ${seenRef(STATE)}`;
  return `${there}git branch -m ${state} ${kept} && ${forget}   keeps it; all runs start anew`;
}
