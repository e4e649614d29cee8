/** The folder of LanceDB indexes: one for each content of memory, made from the one before or from nothing. */
import { cp, link, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { shortDigest } from "#runner/core/identifier.ts";
import type { StoredMemory } from "#runner/core/memory/memory-file.ts";
import { ANALYZER } from "./analyzer.ts";
import { LANCEDB, type LanceLibrary } from "./lance-library.ts";
import { type IndexedFile, LanceTable } from "./lance-table.ts";
import type { MemoryIndex } from "./memory-index.ts";
import type { MemorySource } from "./memory-source.ts";
import { type Counts, Tally } from "./statistics.ts";
import { unitOf } from "./unit.ts";

/** Everything that an index depends on besides the files. */
interface MadeWith {
  readonly format: 2;
  readonly lancedb: string;
  readonly analyzer: string;
  readonly embedder: string;
}

/** Without an embedder. */
const NO_EMBEDDER = "none";

function madeWith({ embedder = NO_EMBEDDER }: Pick<IndexPlace, "embedder">): MadeWith {
  return { format: 2, lancedb: LANCEDB, analyzer: ANALYZER, embedder };
}

/** What an index holds: `index.json`, written last. */
interface IndexFacts {
  readonly madeWith: MadeWith;
  readonly tree: string | null;
  readonly overlay: readonly (readonly [path: string, blob: string])[];
  readonly files: number;
}

export interface OpenedIndex {
  readonly index: MemoryIndex;
  /** `current`: it was there; `updated`: from the one before; `built`: from nothing. */
  readonly how: "current" | "updated" | "built";
  /** Files that were read. */
  readonly files: number;
}

export interface IndexPlace {
  readonly lance: LanceLibrary;
  /** Holds a folder for each index. */
  readonly root: string;
  /** Its id: an index of another one is not searched. */
  readonly embedder?: string;
}

/** The index of exactly these files; `fresh`: made anew even where one is there. */
export async function openLanceIndex(
  place: IndexPlace,
  source: MemorySource,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<OpenedIndex> {
  const name = nameOf(place, source);
  if (!fresh) {
    const current = await opened(place, name).catch(() => null);
    if (current !== null) return { index: current, how: "current", files: 0 };
    const updated = await update(place, source).catch(() => null);
    if (updated !== null)
      return { index: await opened(place, name), how: "updated", files: updated };
  }
  const files = await build(place, source);
  return { index: await opened(place, name), how: "built", files };
}

/** How many files the index of exactly these files holds; null when there is none. */
export async function indexedFiles(
  place: Omit<IndexPlace, "lance">,
  source: MemorySource,
): Promise<number | null> {
  return (await factsOf(join(place.root, nameOf(place, source))))?.files ?? null;
}

export interface IndexDifference {
  /** Files that the index lacks, or has with other content. */
  readonly missing: readonly string[];
  /** Files that it has and memory has not. */
  readonly phantom: readonly string[];
}

/** Holds the index against the files, name by name and blob by blob. */
export async function verifyLanceIndex(
  place: IndexPlace,
  source: MemorySource,
): Promise<IndexDifference | null> {
  const folder = join(place.root, nameOf(place, source));
  if ((await factsOf(folder)) === null) return null;
  const table = await LanceTable.open(place.lance, tableFolder(folder));
  const [has, files] = await Promise.all([table.blobs(), source.files()]);
  table.close();
  // A file that is no valid record is not indexed.
  const records = await source.read([...files].filter(([path, blob]) => has.get(path) !== blob));
  return {
    missing: [...new Set(records.map(({ path }) => path))].toSorted(),
    phantom: [...has.keys()].filter((path) => !files.has(path)).toSorted(),
  };
}

/** Removes every index: what they held is gone with them, in whatever form. */
export async function cleanIndexes(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

function nameOf(place: Pick<IndexPlace, "embedder">, { tree, overlay }: MemorySource): string {
  return shortDigest({ ...madeWith(place), tree, overlay: sorted(overlay) }, 20);
}

function sorted(overlay: ReadonlyMap<string, string>): IndexFacts["overlay"] {
  return [...overlay].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function tableFolder(folder: string): string {
  return join(folder, "lance");
}

async function factsOf(folder: string): Promise<IndexFacts | null> {
  try {
    return JSON.parse(await readFile(join(folder, "index.json"), "utf8"));
  } catch {
    return null;
  }
}

/** Rejects when it is not there or cannot be read. */
async function opened({ lance, root }: IndexPlace, name: string): Promise<MemoryIndex> {
  const folder = join(root, name);
  const tally = await tallyOf(folder);
  const table = await LanceTable.open(lance, tableFolder(folder));
  let changes: Promise<readonly StoredMemory[]> | null = null;
  return {
    kind: "lancedb",
    statistics: (namespaces) => tally.over(namespaces),
    units: (selection, namespaces) => {
      const { of } = tally.over(null);
      const most = selection.terms.reduce((sum, term) => sum + of(term)[1], 0);
      return table.units(selection, { namespaces, most });
    },
    embedded: (namespaces) => table.embedded(namespaces),
    unitsAt: (paths) => table.unitsAt(paths),
    records: (paths) => table.recordsAt(paths),
    changes: () => (changes ??= table.changes()),
    close: () => table.close(),
  };
}

async function tallyOf(folder: string): Promise<Tally> {
  const counts: Readonly<Record<string, Counts>> = JSON.parse(
    await readFile(join(folder, "counts.json"), "utf8"),
  );
  return new Tally(counts);
}

/** How many files were read. */
async function build(place: IndexPlace, source: MemorySource): Promise<number> {
  return inNewFolder(place, source, async (folder) => {
    const files = await source.files();
    const indexed = filesOf(await source.read(files));
    const tally = new Tally();
    for (const { unit } of indexed) tally.add(unit);
    const table = await LanceTable.create(place.lance, tableFolder(folder));
    await table.add(indexed);
    await table.index();
    await table.fold();
    table.close();
    return { tally, files: indexed.length, read: files.size };
  });
}

/** From the index of another content; null when there is none that it can be made from. */
async function update(place: IndexPlace, source: MemorySource): Promise<number | null> {
  const base = await baseFor(place, source);
  if (base === null) return null;
  const { facts, changed } = base;
  return inNewFolder(place, source, async (folder) => {
    await linkTable(tableFolder(base.folder), tableFolder(folder));
    const tally = await tallyOf(base.folder);
    const table = await LanceTable.open(place.lance, tableFolder(folder));
    const before = await table.unitsAt([...changed.keys()]);
    for (const unit of before) tally.remove(unit);
    const now = [...changed].flatMap(([path, blob]) =>
      blob === null ? [] : [[path, blob] as const],
    );
    const indexed = filesOf(await source.read(now));
    for (const { unit } of indexed) tally.add(unit);
    await table.remove([...changed.keys()]);
    await table.add(indexed);
    await table.fold();
    table.close();
    return { tally, files: facts.files - before.length + indexed.length, read: now.length };
  });
}

interface Base {
  readonly folder: string;
  readonly facts: IndexFacts;
  readonly changed: ReadonlyMap<string, string | null>;
}

async function baseFor(place: IndexPlace, source: MemorySource): Promise<Base | null> {
  const { root } = place;
  const wanted = shortDigest(madeWith(place), 20);
  for (const name of await readdir(root).catch(() => [])) {
    const folder = join(root, name);
    const facts = await factsOf(folder);
    if (facts === null || shortDigest(facts.madeWith, 20) !== wanted) continue;
    const overlaid = facts.overlay.map(([path]) => path);
    const changed = await source.changedSince(facts.tree, overlaid);
    if (changed !== null) return { folder, facts, changed };
  }
  return null;
}

interface Made {
  readonly tally: Tally;
  readonly files: number;
  readonly read: number;
}

/** Where another process was as fast, its index serves: both are the same. */
async function inNewFolder(
  place: IndexPlace,
  source: MemorySource,
  make: (folder: string) => Promise<Made>,
): Promise<number> {
  const { root } = place;
  const folder = join(root, `new-${process.pid}-${process.hrtime.bigint()}`);
  await mkdir(folder, { recursive: true });
  try {
    const { tally, files, read } = await make(folder);
    const { tree, overlay } = source;
    const facts: IndexFacts = {
      madeWith: madeWith(place),
      tree,
      overlay: sorted(overlay),
      files,
    };
    await writeFile(join(folder, "counts.json"), JSON.stringify(tally.counts()));
    await writeFile(join(folder, "index.json"), JSON.stringify(facts));
    const name = nameOf(place, source);
    // Also what is there and could not be read.
    await rm(join(root, name), { recursive: true, force: true });
    await rename(folder, join(root, name));
    await dropOthers(root, name);
    return read;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What another process is making is left to it, unless it died over it. */
async function dropOthers(root: string, kept: string): Promise<void> {
  const names = (await readdir(root)).filter((name) => name !== kept && !isBeingMade(name));
  await Promise.all(names.map((name) => rm(join(root, name), { recursive: true, force: true })));
}

function isBeingMade(name: string): boolean {
  const pid = /^new-(\d+)-/u.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

function filesOf(records: readonly StoredMemory[]): readonly IndexedFile[] {
  return [...Map.groupBy(records, ({ path }) => path).values()].flatMap((ofFile) => {
    const unit = unitOf(ofFile);
    return unit === null ? [] : [{ unit, records: ofFile }];
  });
}

/** LanceDB never writes into a file of data or of an index again: those are shared, what names them is copied. */
async function linkTable(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const target = join(to, path.slice(from.length + 1));
    if (entry.isDirectory()) await mkdir(target, { recursive: true });
  }
  const files = entries.filter((entry) => entry.isFile());
  await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const target = join(to, path.slice(from.length + 1));
      const isShared = /[/\\](?:data|_indices)[/\\]/u.test(path.slice(from.length)) && sep !== "\\";
      await (isShared ? link(path, target) : cp(path, target));
    }),
  );
}
