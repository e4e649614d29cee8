/** History without some blobs: the same commits, with the same authors and dates, on trees that lack them. */
import { git, gitFailure, gitText } from "./git.ts";
import type { TreeEntry } from "./git-object.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { Repository } from "./repository.ts";

/** Header of a rewritten commit: what it was. Verification finds by it what was recorded of the old one. */
const WAS = "fettle-was";
const RAW = /^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*\t(.+)$/u;
const SIGNED = new Set(["gpgsig", "gpgsig-sha256", "mergetag"]);

/** Every blob that has ever stood at a path of one of the `seeds`, but for what the tip still holds. */
export async function versionsOf(
  repository: Repository,
  tip: string,
  { seeds, kept }: { readonly seeds: ReadonlySet<string>; readonly kept: ReadonlySet<string> },
): Promise<ReadonlySet<string>> {
  const args = ["-c", "core.quotePath=false", "log", "--format=", "--raw", "--no-abbrev"];
  const text = await gitText(repository.own, [...args, "--no-renames", "-m", tip, "--"]);
  const changes = text.split("\n").flatMap((line) => {
    const [, before = "", after = "", path] = RAW.exec(line) ?? [];
    return path === undefined ? [] : [{ path, blobs: [before, after] }];
  });
  const paths = new Set(
    changes.filter(({ blobs }) => blobs.some((oid) => seeds.has(oid))).map(({ path }) => path),
  );
  const found = changes.filter(({ path }) => paths.has(path)).flatMap(({ blobs }) => blobs);
  return new Set(found.filter((oid) => !/^0+$/u.test(oid) && !kept.has(oid)));
}

/** What the tip becomes; the tip itself where nothing of it changes. */
export async function rewriteHistory(
  repository: Repository,
  reader: ObjectReader,
  { tip, blobs }: { readonly tip: string; readonly blobs: ReadonlySet<string> },
): Promise<{ readonly tip: string; readonly commits: number }> {
  const rewriting = new Rewriting(repository, reader, blobs);
  const args = ["rev-list", "--topo-order", "--reverse", "--end-of-options", tip];
  const commits = (await gitText(repository.own, args)).split("\n").filter(Boolean);
  for (const commit of commits) await rewriting.add(commit);
  return { tip: rewriting.now(tip), commits: rewriting.size };
}

class Rewriting {
  readonly #repository: Repository;
  readonly #reader: ObjectReader;
  readonly #blobs: ReadonlySet<string>;
  readonly #commits = new Map<string, string>();
  readonly #trees = new Map<string, string | null>();

  constructor(repository: Repository, reader: ObjectReader, blobs: ReadonlySet<string>) {
    this.#repository = repository;
    this.#reader = reader;
    this.#blobs = blobs;
  }

  get size(): number {
    return this.#commits.size;
  }

  now(commit: string): string {
    return this.#commits.get(commit) ?? commit;
  }

  async add(oid: string): Promise<void> {
    const commit = await this.#reader.readCommit(oid);
    if (commit === undefined) throw new Error(`commit ${oid} cannot be read`);
    const tree = await this.#tree(commit.tree);
    const isSame = tree === commit.tree && commit.parents.every((one) => !this.#commits.has(one));
    if (!isSame) this.#commits.set(oid, await this.#write(oid, tree));
  }

  /** The commit as it is, with other ids; a signature of what it was says nothing any more. */
  async #write(oid: string, tree: string | null): Promise<string> {
    const { own } = this.#repository;
    const read = await git(own, ["cat-file", "commit", oid]);
    if (read.code !== 0) throw gitFailure(["cat-file", "commit", oid], read);
    const text = read.stdout.toString("latin1");
    const end = text.indexOf("\n\n");
    const lines = unsigned(text.slice(0, end).split("\n")).map((line) => {
      if (line.startsWith("tree ")) return `tree ${tree ?? ""}`;
      return line.startsWith("parent ") ? `parent ${this.now(line.slice(7))}` : line;
    });
    const content = `${[...lines, `${WAS} ${oid}`].join("\n")}${text.slice(end)}`;
    const stdin = Buffer.from(content, "latin1");
    return (
      await gitText({ ...own, stdin }, ["hash-object", "-t", "commit", "-w", "--stdin"])
    ).trim();
  }

  /** null: nothing is left of it. */
  async #tree(oid: string): Promise<string> {
    const found = await this.#treeOrNone(oid);
    return found ?? this.#make([]);
  }

  async #treeOrNone(oid: string): Promise<string | null> {
    const known = this.#trees.get(oid);
    if (known !== undefined) return known;
    const entries = (await this.#reader.readTree(oid)) ?? [];
    const left: TreeEntry[] = [];
    for (const entry of entries) {
      const now = entry.kind === "folder" ? await this.#treeOrNone(entry.oid) : entry.oid;
      if (now !== null && !this.#blobs.has(entry.oid)) left.push({ ...entry, oid: now });
    }
    const isSame =
      left.length === entries.length && left.every(({ oid: now }, at) => now === entries[at]?.oid);
    const made = isSame ? oid : left.length === 0 ? null : await this.#make(left);
    this.#trees.set(oid, made);
    return made;
  }

  async #make(entries: readonly TreeEntry[]): Promise<string> {
    const stdin = entries.map((entry) => `${lineOf(entry)}\0`).join("");
    return (
      await gitText({ ...this.#repository.own, stdin }, ["mktree", "-z", "--missing"])
    ).trim();
  }
}

function lineOf({ mode, kind, oid, name }: TreeEntry): string {
  const type = kind === "folder" ? "tree" : kind === "submodule" ? "commit" : "blob";
  return `${mode} ${type} ${oid}\t${name}`;
}

/** Headers without signatures; a header goes on in lines that begin with a space. */
function unsigned(lines: readonly string[]): readonly string[] {
  let isSigned = false;
  return lines.filter((line) => {
    if (!line.startsWith(" ")) isSigned = SIGNED.has(line.split(" ")[0] ?? "");
    return !isSigned;
  });
}

/** What rewritten commits were: old id to new one, as far as `tips` reach. */
export async function rewrittenFrom(
  repository: Repository,
  tips: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (tips.length === 0) return new Map();
  const args = ["rev-list", "--header", "--end-of-options", ...tips];
  const text = await gitText(repository.own, args);
  const found = new Map<string, string>();
  for (const commit of text.split("\0")) {
    const header = commit.slice(0, Math.max(0, commit.indexOf("\n\n")));
    const [now = "", ...lines] = header.trimStart().split("\n");
    for (const line of lines) {
      if (line.startsWith(`${WAS} `)) found.set(line.slice(WAS.length + 1), now);
    }
  }
  return found;
}

/** Which of the blobs a ref reaches with all its history. */
export async function reachedFrom(
  repository: Repository,
  revisions: readonly string[],
  blobs: ReadonlySet<string>,
): Promise<readonly string[]> {
  const args = ["rev-list", "--objects", ...revisions];
  const result = await git(repository.own, args);
  if (result.code !== 0) throw gitFailure(args, result);
  const ids = result.stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
  return [...new Set(ids.filter((oid) => blobs.has(oid)))].toSorted();
}

/** Which of the blobs are in the object store at all, held by something or not. */
export async function storedAmong(
  { own }: Repository,
  blobs: ReadonlySet<string>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const oid of blobs) {
    if ((await git(own, ["cat-file", "-e", oid])).code === 0) found.push(oid);
  }
  return found.toSorted();
}

/** Everything as it is now, in one file. */
export async function bundleAll({ own }: Repository, file: string): Promise<void> {
  await gitText(own, ["bundle", "create", "--quiet", file, "--all"]);
}
