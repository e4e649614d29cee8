import { existsSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Head } from "./checkouts.ts";
import { readHead } from "./checkouts.ts";
import type { FoundGitDir } from "./find-git-dir.ts";
import { findGitDir } from "./find-git-dir.ts";
import type { Environment, GitPlace } from "./git.ts";
import { git, KilledGits } from "./git.ts";
import { unfitGit, type UnfitGit } from "./git-version.ts";
import type { OperatorConfig, Origin } from "./operator-config.ts";
import { GONE_ORIGIN, readOperatorConfig } from "./operator-config.ts";
import { ownFolderOf } from "./own-folder.ts";
import { makeOwnGitDir } from "./own-git-dir.ts";
import { fetchedRef, MAIN, STATE } from "#runner/core/ref-names.ts";
import { withPromises } from "./promised-state.ts";
import { readRef, readRefs } from "./refs.ts";
import { ALONE, runnerName } from "./runner-name.ts";

/** One git repository as the runner uses it; every path is absolute and free of symbolic links. */
export interface Repository {
  /** The operator's shared git dir. */
  readonly commonDir: string;
  /** The runner's folder in it: git dir, lock, journal, cache. */
  readonly fettleDir: string;
  /** The main work tree; absent in a bare repository. */
  readonly mainWorkTree: string | undefined;
  /** The work tree the program was started in. */
  readonly topLevel: string | undefined;
  readonly head: Head | undefined;
  /** Some history, of main or only of the state branch, was not fetched. */
  readonly shallow: boolean;
  readonly partial: boolean;
  readonly objectFormat: "sha1" | "sha256";
  readonly origin: Origin | null;
  /** Who this clone is among the runners of the origin. */
  readonly runner: string;
  /** The name that work is claimed under, where it is not that of the clone. */
  readonly workingAs?: string;
  /** For everything local. */
  readonly own: GitPlace;
  /** For fetch, push and ls-remote. */
  readonly network: GitPlace;
  /** The operator's git dir, and all that its configuration says. */
  readonly operator: GitPlace;
  /** The gits of all these places that a signal has ended. */
  readonly killed: KilledGits;
}

export type NotOpened =
  | { readonly kind: "not-a-repository"; readonly start: string }
  | { readonly kind: "no-commits"; readonly start: string }
  | { readonly kind: "bare"; readonly gitDir: string }
  | { readonly kind: "reftable"; readonly gitDir: string }
  | { readonly kind: "no-git" }
  | UnfitGit;

export type Opened = { readonly kind: "opened"; readonly repository: Repository } | NotOpened;

/** Finds the repository around a folder and makes the runner's own git dir in it. Starts no process when nothing changed. */
export async function openRepository(where: {
  readonly start: string;
  readonly environment: Environment;
  readonly allowBare?: boolean;
}): Promise<Opened> {
  const { start, environment } = where;
  const found = findGitDir(start);
  if (found === undefined) return { kind: "not-a-repository", start };
  const config = await readOperatorConfig(found.commonDir, environment);
  if (config === undefined) return { kind: "no-git" };

  const refused = refusal(found, config, where.allowBare ?? false);
  if (refused !== undefined) return refused;
  const repository = await withPromises(describe(found, config, environment));
  return (await hasCommits(repository))
    ? { kind: "opened", repository }
    : { kind: "no-commits", start };
}

function refusal(
  found: FoundGitDir,
  config: OperatorConfig,
  allowBare: boolean,
): NotOpened | undefined {
  const gitDir = found.commonDir;
  if (config.refStorage !== "files") return { kind: "reftable", gitDir };
  const unfit = unfitGit(config.gitVersion);
  if (unfit !== undefined) return unfit;
  if (config.bare && found.topLevel === undefined && !allowBare) return { kind: "bare", gitDir };
  return undefined;
}

function describe(
  found: FoundGitDir,
  config: OperatorConfig,
  environment: Environment,
): Repository {
  const { commonDir, topLevel } = found;
  const gitDir = makeOwnGitDir(commonDir, config.objectFormat);
  const killed = new KilledGits();
  const own: GitPlace = { trust: "runner", gitDir, environment, killed };
  const origin = config.origin ?? followedBefore(commonDir);
  return {
    commonDir,
    fettleDir: ownFolderOf(commonDir),
    mainWorkTree: mainWorkTreeOf(found, config),
    topLevel,
    head: readHead(found.gitDir),
    // An emptied `shallow` file means a complete history.
    shallow: (statSync(join(commonDir, "shallow"), { throwIfNoEntry: false })?.size ?? 0) > 0,
    partial: config.partial,
    objectFormat: config.objectFormat,
    origin,
    runner: origin === null ? ALONE : runnerName(commonDir, hostname()),
    own,
    // A relative URL of the origin is relative to the work tree.
    network: { ...own, trust: "network", folder: topLevel ?? commonDir },
    operator: { ...own, trust: "operator", gitDir: commonDir },
    killed,
  };
}

function followedBefore(commonDir: string): Origin | null {
  return readRef(commonDir, fetchedRef(STATE)) === undefined ? null : GONE_ORIGIN;
}

function mainWorkTreeOf(
  { gitDir, commonDir, topLevel }: FoundGitDir,
  config: OperatorConfig,
): string | undefined {
  if (config.workTree !== null) return resolve(commonDir, config.workTree);
  if (config.bare) return undefined;
  // The git dir may stand elsewhere, with a file or a link that leads there.
  if (topLevel !== undefined && gitDir === commonDir) return topLevel;
  return basename(commonDir) === ".git" ? dirname(commonDir) : undefined;
}

async function hasCommits(repository: Repository): Promise<boolean> {
  const { head } = repository;
  if (head?.kind === "detached") return true;
  if (head !== undefined && existsSync(join(repository.commonDir, head.ref))) return true;
  if (readRefs(repository).has(MAIN)) return true;
  if (head === undefined) return false;
  const packed = await git(repository.own, ["rev-parse", "--verify", "--quiet", head.ref]);
  return packed.code === 0;
}
