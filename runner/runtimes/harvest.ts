/** Takes from an attempt's folder what the agent made: regular files at allowed paths, nothing else. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Dirent,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { foldPath, gatedBy, unfitName } from "#runner/core/gate/gated-path.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import type { RepositoryFile } from "./invocation.ts";

export interface Permitted {
  /** The files that were laid out. */
  readonly seen: readonly RepositoryFile[];
  /** Globs. */
  readonly writes: readonly string[];
  /** Files that may be new or changed. */
  readonly mostFiles: number;
}

export type Harvest =
  | { readonly ok: true; readonly files: readonly RepositoryFile[] }
  | { readonly ok: false; readonly reason: string };

const MIB = 1024 * 1024;
const LARGEST_FILE = 5 * MIB;
const LARGEST_TOTAL = 20 * MIB;
const MOST_FOLDERS = 10_000;

/**
 * New and changed files below `work`, by path; deletions do not count.
 * The first thing that is not allowed refuses all. It runs after every process of the agent is gone, so that nothing
 * changes between the check and the read; what is given back is what was checked.
 */
export function harvest(work: string, permitted: Permitted): Harvest {
  const files: RepositoryFile[] = [];
  const seen = new Map(permitted.seen.map((file) => [file.path, file.content]));
  const spellings = new Map(permitted.seen.map(({ path }) => [foldPath(path), path]));
  let bytes = 0;
  for (const found of walk(work)) {
    if (!found.ok) return found;
    const { path } = found;
    const before = seen.get(path);
    const closed = refusal(path, permitted.writes, spellings);
    if (closed !== undefined && before === undefined) return refused(path, closed);
    const file = readRegular(join(work, path), before);
    if (file.kind === "same") continue;
    if (file.kind === "refused") return refused(path, file.reason);
    if (closed !== undefined) return refused(path, closed);
    bytes += file.content.length;
    files.push({ path, content: file.content, executable: false });
    if (files.length > permitted.mostFiles)
      return tooMuch(`more than ${permitted.mostFiles} files`);
    if (bytes > LARGEST_TOTAL) return tooMuch("more than 20 MiB of files");
  }
  return { ok: true, files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Why an agent may not leave a file there. */
function refusal(
  path: string,
  writes: readonly string[],
  spellings: Map<string, string>,
): string | undefined {
  const unfit = unfitName(path);
  if (unfit !== undefined) return unfit;
  const gate = gatedBy(path);
  if (gate !== undefined) return `is closed to agents (${gate})`;
  if (!matchesAnyGlob(writes, path)) return "is not among the files that the agent may write";
  const folded = foldPath(path);
  const spelling = spellings.get(folded) ?? path;
  spellings.set(folded, spelling);
  return spelling === path ? undefined : `is another spelling of ${spelling}`;
}

type Found = { readonly ok: true; readonly path: string } | Extract<Harvest, { ok: false }>;

/** The same of files that another machine tells of, which are regular and not executable by the way they come. */
export function permittedFiles(told: readonly RepositoryFile[], permitted: Permitted): Harvest {
  const spellings = new Map(permitted.seen.map(({ path }) => [foldPath(path), path]));
  const paths = new Set<string>();
  let bytes = 0;
  for (const { path, content } of told) {
    const closed = paths.has(path) ? "comes twice" : refusal(path, permitted.writes, spellings);
    if (closed !== undefined) return refused(path, closed);
    if (content.length > LARGEST_FILE) return refused(path, "is larger than 5 MiB");
    paths.add(path);
    bytes += content.length;
  }
  if (told.length > permitted.mostFiles) return tooMuch(`more than ${permitted.mostFiles} files`);
  if (bytes > LARGEST_TOTAL) return tooMuch("more than 20 MiB of files");
  return { ok: true, files: told.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Paths of regular files, folder by folder; an entry that is something else, or too many folders, comes as a refusal. */
function* walk(work: string): Generator<Found> {
  const folders = [""];
  for (const folder of folders) {
    for (const entry of entriesOf(join(work, folder)) ?? [undefined]) {
      if (entry?.isDirectory() === true) folders.push(`${folder}${decodeName(entry.name)}/`);
      else yield look(folder, entry);
    }
    if (folders.length > MOST_FOLDERS) yield tooMuch(`more than ${MOST_FOLDERS} folders`);
  }
}

function look(folder: string, entry: RawEntry | undefined): Found {
  if (entry === undefined) return refused(folder, "cannot be read");
  const path = folder + decodeName(entry.name);
  return entry.isFile() ? { ok: true, path } : refused(path, `is ${kindOf(entry)}`);
}

type RawEntry = Dirent<Buffer>;

function entriesOf(folder: string): readonly RawEntry[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
  } catch {
    return undefined;
  }
}

/** Bytes that are not UTF-8 become U+FFFD, which no fit name holds. */
function decodeName(name: Buffer): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(name);
}

function kindOf(entry: RawEntry | Stats): string {
  if (entry.isSymbolicLink()) return "a symbolic link";
  if (entry.isFIFO()) return "a pipe";
  if (entry.isSocket()) return "a socket";
  return "a device";
}

type Read =
  | { readonly kind: "same" }
  | { readonly kind: "read"; readonly content: Uint8Array }
  | { readonly kind: "refused"; readonly reason: string };

/** Opens without following a link or waiting for a writer, and looks at the open file, not at its name. */
function readRegular(path: string, before: Uint8Array | undefined): Read {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return { kind: "refused", reason: "cannot be read" };
  }
  try {
    return readOpen(descriptor, before);
  } finally {
    closeSync(descriptor);
  }
}

function readOpen(descriptor: number, before: Uint8Array | undefined): Read {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return { kind: "refused", reason: `is ${kindOf(stats)}` };
  if (stats.nlink !== 1) return { kind: "refused", reason: "is a hard link" };
  if (stats.size > LARGEST_FILE && stats.size !== before?.length) {
    return { kind: "refused", reason: "is larger than 5 MiB" };
  }
  const content = readAll(descriptor, stats.size);
  if (before !== undefined && content.equals(before)) return { kind: "same" };
  if (content.length > LARGEST_FILE) return { kind: "refused", reason: "is larger than 5 MiB" };
  if ((stats.mode & 0o111) !== 0) return { kind: "refused", reason: "is executable" };
  return { kind: "read", content };
}

function readAll(descriptor: number, size: number): Buffer {
  const content = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const count = readSync(descriptor, content, length, size - length, length);
    if (count === 0) break;
    length += count;
  }
  return content.subarray(0, length);
}

function refused(path: string, reason: string): Extract<Harvest, { ok: false }> {
  return { ok: false, reason: `${printable(path)} ${reason}` };
}

function tooMuch(what: string): Extract<Harvest, { ok: false }> {
  return { ok: false, reason: `it made ${what}` };
}

/** Names come from the agent: control and invisible characters are written out. */
function printable(path: string): string {
  return path.replaceAll(
    /[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
