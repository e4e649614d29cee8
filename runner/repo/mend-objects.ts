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
  "--progress",
  "--refetch",
  "--no-tags",
  "--no-write-fetch-head",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
];

interface Moved {
  readonly from: string;
  readonly to: string;
}

export interface PutAside {
  /** Damaged objects and packs. */
  readonly paths: readonly string[];
  /** Every file that was moved, those which belong to the packs too. */
  readonly moved: readonly Moved[];
}

/** Moves what holds something else than its name says out of git's way. */
export async function putAside(
  repository: Repository,
  { loose, packs }: Soundness,
): Promise<PutAside> {
  const damaged = loose.filter((path) => existsSync(path) && !isSound(repository, path));
  const moved = damaged.map((from) => ({ from, to: moveAside(repository, from) }));
  const broken = packs.filter((path) => existsSync(path));
  for (const path of broken) moved.push(...(await dissolve(repository, path)));
  return { paths: [...damaged, ...broken], moved };
}

/** As it was: of a damaged pack git can still read some objects, and what was taken out of it on its own does no harm. */
export function takeBack({ moved }: PutAside): void {
  for (const { from, to } of moved) {
    mkdirSync(dirname(from), { recursive: true });
    renameSync(to, from);
  }
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
async function dissolve(repository: Repository, path: string): Promise<readonly Moved[]> {
  const stem = basename(path, ".pack");
  const files = readdirSync(dirname(path)).filter((name) => name.startsWith(`${stem}.`));
  const moved = files
    .map((name) => join(dirname(path), name))
    .map((from) => ({ from, to: moveAside(repository, from) }));
  const pack = moved.find(({ to }) => to.endsWith(".pack"));
  if (pack === undefined) return moved;
  await git({ ...repository.own, stdin: readFileSync(pack.to) }, ["unpack-objects", "-q", "-r"]);
  return moved;
}

/** Fetches objects again, although the clone seems to have them; false when they are not given. */
export async function refetch(
  repository: Repository,
  { url, wanted }: { readonly url: string; readonly wanted: readonly string[] },
  signal: AbortSignal,
): Promise<boolean> {
  const args = [...REFETCH, "--", url, ...wanted];
  return (await git({ ...repository.network, signal }, args)).code === 0;
}

/** Where objects may be had again: the origin, then the operator's other remotes. */
export async function sourcesOf({ origin, operator }: Repository): Promise<readonly string[]> {
  const { stdout } = await git(operator, ["config", "--get-regexp", String.raw`^remote\..*\.url$`]);
  const lines = stdout.toString("utf8").split("\n");
  const urls = lines.map((line) => line.slice(line.indexOf(" ") + 1)).filter((url) => url !== "");
  return [...new Set([...(origin === null ? [] : [origin.url]), ...urls])];
}
