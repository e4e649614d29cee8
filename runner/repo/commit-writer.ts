import { join } from "node:path";
import { removeFile } from "./durable-file.ts";
import type { CommitTarget, Signature } from "./commit-target.ts";
import type { GitPlace } from "./git.ts";
import type { ObjectReader } from "./object-reader.ts";
import { objectOf, writePack, type ObjectFormat, type PackedObject } from "./pack-file.ts";
import { countPacks, repack } from "./repack.ts";
import { Serial } from "./serial.ts";
import { TreeEditor } from "./tree-edit.ts";

const PACKS_PER_PACKING = 64;
const ROOTS_KEPT = 64;

export interface CommitWriterOptions {
  readonly place: GitPlace;
  readonly reader: ObjectReader;
  readonly format: ObjectFormat;
  readonly packsPerPacking?: number;
}

interface Begun {
  readonly commits: readonly string[];
  readonly written: Promise<void>;
}

/**
 * Writes commits durably without moving any ref: everything of one call is one pack, which git keeps until the commits are
 * `released`.
 *
 * Every pack slows down lookups: after 64 they are joined in the background.
 */
export class CommitWriter {
  readonly #place: GitPlace;
  readonly #reader: ObjectReader;
  readonly #format: ObjectFormat;
  readonly #packsPerPacking: number;
  readonly #trees: TreeEditor;
  /** Root trees of commits written by this process, which are the parents of the next. */
  readonly #roots = new Map<string, string>();
  /** By commit, the file that keeps its pack from being collected. */
  readonly #kept = new Map<string, string>();
  /** Those of earlier processes count: a tick is short, and makes a few. */
  #packs: number | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #packing: Promise<void> = Promise.resolve();
  readonly #serial = new Serial();

  constructor({ place, reader, format, packsPerPacking }: CommitWriterOptions) {
    this.#place = place;
    this.#reader = reader;
    this.#format = format;
    this.#packsPerPacking = packsPerPacking ?? PACKS_PER_PACKING;
    this.#trees = new TreeEditor((oid) => this.#treeBytes(oid), format);
  }

  /** The ids of the commits, in the order of the targets, durable when this resolves. */
  async write(targets: readonly CommitTarget[]): Promise<readonly string[]> {
    const { commits, written } = await this.begin(targets);
    await written;
    return commits;
  }

  /** The ids as soon as they are known; the commits are durable when `written` resolves. */
  begin(targets: readonly CommitTarget[]): Promise<Begun> {
    return this.#serial.run(() => this.#begin(targets));
  }

  /** Refs hold these commits now, or nobody will want them. */
  release(commits: Iterable<string | null>): void {
    for (const commit of commits) {
      const keep = commit === null ? undefined : this.#kept.get(commit);
      if (commit === null || keep === undefined) continue;
      removeFile(keep);
      this.#kept.delete(commit);
    }
  }

  releaseAll(): void {
    this.release([...this.#kept.keys()]);
  }

  /** Waits for what is being written and for a packing that runs. */
  async close(): Promise<void> {
    await this.#serial.idle();
    await this.#last;
    await this.#packing;
  }

  async #begin(targets: readonly CommitTarget[]): Promise<Begun> {
    const objects = new Map<string, PackedObject>();
    const commits: string[] = [];
    for (const target of targets) {
      const base = target.parent === null ? null : await this.#rootOf(target.parent);
      const tree = await this.#trees.edit(base, target.files);
      const commit = objectOf("commit", commitText(target, tree.root), this.#format);
      for (const object of [...tree.objects, commit]) objects.set(object.oid, object);
      commits.push(commit.oid);
      this.#rememberRoot(commit.oid, tree.root);
    }
    this.#packs ??= countPacks(this.#place);
    if (this.#packs >= this.#packsPerPacking) await this.#startPacking();
    this.#packs += 1;
    const packed = writePack(packFolder(this.#place), [...objects.values()], this.#format);
    const written = this.#keepUntilReleased(commits, packed);
    const known = written.then(() => this.#reader.keep(objects.values()));
    this.#last = Promise.allSettled([this.#last, known]);
    return { commits, written };
  }

  async #keepUntilReleased(commits: readonly string[], packed: Promise<string>): Promise<void> {
    const keep = await packed;
    for (const commit of commits) this.#kept.set(commit, keep);
  }

  async #rootOf(commit: string): Promise<string> {
    const tree = this.#roots.get(commit) ?? (await this.#reader.readCommit(commit))?.tree;
    if (tree === undefined) throw new Error(`commit ${commit} is not in this clone`);
    return tree;
  }

  #rememberRoot(commit: string, root: string): void {
    this.#roots.set(commit, root);
    const [oldest] = this.#roots.keys();
    if (this.#roots.size > ROOTS_KEPT && oldest !== undefined) this.#roots.delete(oldest);
  }

  async #treeBytes(oid: string): Promise<Buffer> {
    const bytes = await this.#reader.readTreeBytes(oid);
    if (bytes === undefined) throw new Error(`tree ${oid} is not in this clone`);
    return bytes;
  }

  async #startPacking(): Promise<void> {
    this.#packs = 0;
    await this.#packing;
    // Only speed is at stake: the next round tries again.
    this.#packing = repack(this.#place).catch(() => undefined);
  }
}

function packFolder({ gitDir }: Pick<GitPlace, "gitDir">): string {
  return join(gitDir, "objects", "pack");
}

function commitText(target: CommitTarget, tree: string): Buffer {
  const { parent, mergeParents = [], author, committer, message } = target;
  const parents = [...(parent === null ? [] : [parent]), ...mergeParents];
  const lines = [
    `tree ${tree}`,
    ...parents.map((oid) => `parent ${oid}`),
    `author ${signature(author)}`,
    `committer ${signature(committer)}`,
  ];
  return Buffer.from(`${lines.join("\n")}\n\n${message}`);
}

function signature({ name, email, at }: Signature): string {
  return `${plain(name)} <${plain(email)}> ${Math.floor(at)} +0000`;
}

function plain(text: string): string {
  return text.replaceAll(/[<>\p{Cc}]/gu, " ").trim();
}
