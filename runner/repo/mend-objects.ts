import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inflateSync } from "node:zlib";
import { git } from "./git.ts";
import type { Repository } from "./repository.ts";
import type { Soundness } from "./soundness.ts";

const REFETCH = [
  "fetch",
  "--quiet",
  "--refetch",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
];

/** Moves what holds something else than its name says out of git's way; returns the files that were moved. */
export async function putAside(
  repository: Repository,
  { loose, packs }: Soundness,
): Promise<readonly string[]> {
  const damaged = loose.filter((path) => existsSync(path) && !isSound(repository, path));
  for (const path of damaged) moveAside(repository, path);
  const broken = packs.filter((path) => existsSync(path));
  for (const path of broken) await dissolve(repository, path);
  return [...damaged, ...broken];
}

/** Keeps what is taken away: it is named by nothing any more, and a person may still find something in it. */
export function moveAside(repository: Pick<Repository, "fettleDir">, path: string): string {
  const folder = join(repository.fettleDir, "damaged");
  mkdirSync(folder, { recursive: true });
  const name = path.includes("/objects/pack/")
    ? basename(path)
    : path.split("/").slice(-2).join("-");
  const kept = join(folder, name);
  renameSync(path, kept);
  return kept;
}

/** git's word alone is not enough to take a file away: it may have been no more than a read that failed. */
function isSound({ objectFormat }: Repository, path: string): boolean {
  const oid = path.split("/").slice(-2).join("");
  try {
    return (
      createHash(objectFormat)
        .update(inflateSync(readFileSync(path)))
        .digest("hex") === oid
    );
  } catch {
    return false;
  }
}

/** What can still be read of a damaged pack becomes single objects. */
async function dissolve(repository: Repository, path: string): Promise<void> {
  const stem = basename(path, ".pack");
  const files = readdirSync(dirname(path)).filter((name) => name.startsWith(`${stem}.`));
  const kept = files.map((name) => moveAside(repository, join(dirname(path), name)));
  const pack = kept.find((name) => name.endsWith(".pack"));
  if (pack === undefined) return;
  await git({ ...repository.own, stdin: readFileSync(pack) }, ["unpack-objects", "-q", "-r"]);
}

/** Fetches objects again, although the clone seems to have them; false when the origin does not give them. */
export async function refetch(
  repository: Repository,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  if (repository.origin === null || wanted.length === 0) return false;
  const args = [...REFETCH, "--", repository.origin.url, ...wanted];
  return (await git({ ...repository.network, signal }, args)).code === 0;
}
