import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "./git.ts";
import { git, gitFailure } from "./git.ts";
import { unfitGit } from "./git-version.ts";
import { replaceFile } from "./durable-file.ts";
import { ownFolderOf } from "./own-folder.ts";

/** What the runner needs to know of the operator's git and of the repository's own configuration file. */
export interface OperatorConfig {
  /** `2.45.1`; of a git that says anything else, that. */
  readonly gitVersion: string;
  readonly bare: boolean;
  readonly workTree: string | null;
  readonly refStorage: string;
  readonly objectFormat: "sha1" | "sha256";
  /** A partial clone: blobs may be missing here. */
  readonly partial: boolean;
  readonly origin: Origin | null;
}

/** Where to read from and where to push to; mostly the same. */
export interface Origin {
  readonly url: string;
  readonly pushUrl: string;
}

/**
 * Stands for the origin that a clone has followed and that no remote is called by now. It is never reached, and git's answer says why: a
 * clone that would go on as if it were alone would do what others do, too.
 */
export const GONE_ORIGIN: Origin = {
  url: "no remote is called origin here any more",
  pushUrl: "no remote is called origin here any more",
};

interface Cached {
  readonly stamps: readonly string[];
  readonly files: readonly string[];
  readonly config: OperatorConfig;
}

/**
 * Reads the repository's configuration file as data; `undefined` when git is not installed.
 *
 * The answer is kept beside the runner's git dir and used while the files it came from are unchanged,
 * so that a tick with nothing to do starts no process.
 */
export async function readOperatorConfig(
  commonDir: string,
  environment: Environment,
): Promise<OperatorConfig | undefined> {
  const cacheFile = join(ownFolderOf(commonDir), "operator-config.json");
  const file = join(commonDir, "config");
  const cached = readCached(cacheFile);
  if (cached !== undefined && isAsFound(cached, file)) return cached.config;

  const place = { trust: "runner", gitDir: commonDir, environment } as const;
  const version = await git(place, ["version"]);
  if (version.code !== 0) return undefined;
  const args = ["config", "--file", file, "--includes", "--show-origin", "-z", "--list"];
  const listed = await git(place, args);
  if (listed.code !== 0) throw gitFailure(args, listed);

  const { settings, files } = parseSettings(listed.stdout.toString("utf8"), commonDir);
  const config = toConfig(version.stdout.toString("utf8"), settings);
  const read = [...new Set([file, ...files])];
  const found: Cached = { files: read, stamps: read.map(stampOf), config };
  replaceFile(cacheFile, JSON.stringify(found));
  return config;
}

/** A copied or moved repository brings the answer of another place along, and who has an unfit git puts another one in its place. */
function isAsFound({ files, stamps, config }: Cached, file: string): boolean {
  return (
    files[0] === file &&
    unfitGit(config.gitVersion) === undefined &&
    String(stamps) === String(files.map(stampOf))
  );
}

function parseSettings(
  text: string,
  commonDir: string,
): { readonly settings: Settings; readonly files: readonly string[] } {
  const fields = text.split("\0");
  const settings = new Map<string, string[]>();
  const files = new Set<string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const origin = (fields[index] ?? "").replace(/^file:/, "");
    files.add(origin.startsWith("/") ? origin : join(commonDir, origin));
    const [name = "", ...value] = (fields[index + 1] ?? "").split("\n");
    // `-z` prints a key without "=" as a bare name, which git reads as true.
    const said = value.length > 0 ? value.join("\n") : "true";
    settings.set(name, [...(settings.get(name) ?? []), said]);
  }
  return { settings, files: [...files] };
}

/** All values of each name, in the order of the files; of most the last one counts. */
type Settings = ReadonlyMap<string, readonly string[]>;

function toConfig(version: string, settings: Settings): OperatorConfig {
  const last = (name: string): string | undefined => settings.get(name)?.at(-1);
  return {
    gitVersion: /^git version (\d+\.\d+(?:\.\d+)?)/.exec(version)?.[1] ?? firstLine(version),
    bare: isTrue(last("core.bare")),
    workTree: last("core.worktree") ?? null,
    refStorage: last("extensions.refstorage") ?? "files",
    objectFormat: last("extensions.objectformat") === "sha256" ? "sha256" : "sha1",
    partial: isTrue(last("remote.origin.promisor")),
    origin: originIn(settings),
  };
}

/** As git does it fetches from the first address; the others are copies that a person pushes to as well. */
function originIn(settings: Settings): Origin | null {
  const [url] = settings.get("remote.origin.url") ?? [];
  if (!url) return null;
  const pushed = settings.get("remote.origin.pushurl") ?? [url];
  return { url, pushUrl: pushed.includes(url) ? url : (pushed[0] ?? url) };
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:true|yes|on|[1-9]\d*)$/i.test(value);
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : "absent";
}

function readCached(file: string): Cached | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
