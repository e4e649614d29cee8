/** Whether every object of this clone can be read, for `fettle doctor`. */
import { relative } from "node:path";
import { checkObjects, type Soundness } from "#runner/repo/soundness.ts";
import type { Repository } from "#runner/repo/repository.ts";
import { counted, listed } from "#runner/report/words.ts";
import { ok, type Check } from "./check.ts";

const PATIENCE_MS = 60_000;
const WITH_ORIGIN =
  "fettle doctor --repair   puts aside what is damaged and fetches it from the origin again";
/** Where no origin gives what is missing. */
export const FROM_ELSEWHERE = [
  "git remote add rescue <another clone or a backup>   names where it may be had,",
  "then fettle doctor --repair   puts aside what is damaged and fetches it from there; what nobody has is given up",
].join("\n    ");

/** Reads everything; a repository that is too large to be read in a minute is only told. */
export async function soundCheck(repository: Repository, signal: AbortSignal): Promise<Check> {
  const sound = await soundnessInTime(repository, signal);
  if (sound === undefined) {
    const what = "not all objects could be read in a minute";
    return { status: "warning", what, fix: "git fsck --full   reads them all" };
  }
  if (isSound(sound)) return ok("every object can be read");
  const { commonDir, origin } = repository;
  const files = [...sound.loose, ...sound.packs].map((path) => relative(commonDir, path));
  const damaged = files.length === 0 ? "" : ` (damaged: ${listed(files)})`;
  const what = `${counted(sound.objects.length, "object")} cannot be read: ${listed(sound.objects)}${damaged}`;
  return { status: "problem", what, fix: origin === null ? FROM_ELSEWHERE : WITH_ORIGIN };
}

export function isSound({ loose, packs, objects }: Soundness): boolean {
  return loose.length + packs.length + objects.length === 0;
}

async function soundnessInTime(
  repository: Repository,
  signal: AbortSignal,
): Promise<Soundness | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await checkObjects(repository, AbortSignal.any([signal, patience]));
  } catch (error) {
    if (patience.aborted && !signal.aborted) return undefined;
    throw error;
  }
}
