/** What compaction may fold, as the folders of the tip show it. */
import { NO_FOLDERS, type TipFolders } from "#runner/core/compaction.ts";
import type { TreeEntry } from "#runner/repo/git-object.ts";
import type { StateFiles } from "./state-files.ts";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const HOUR = /^\d{2}$/;

type Folders = TipFolders["runs"];

/** Reads folders only: none of what stands in them. */
export async function readTipFolders(files: StateFiles): Promise<TipFolders> {
  if (files.tip === null) return NO_FOLDERS;
  const [runs, events] = await Promise.all([files.list("runs"), files.list("events")]);
  const days = await countEntries(files, events.filter(isFolder(DAY)));
  const hours = await Promise.all(
    days.map(({ name, entries }) => readHours(files, { day: name, entries })),
  );
  return {
    runs: sized(await countEntries(files, runs.filter(isFolder(DAY)))),
    hours: hours.flat(),
    days: sized(days),
  };
}

interface Counted {
  readonly name: string;
  readonly entries: readonly TreeEntry[];
}

async function readHours(
  files: StateFiles,
  { day, entries }: { readonly day: string; readonly entries: readonly TreeEntry[] },
): Promise<Folders> {
  const hours = await countEntries(files, entries.filter(isFolder(HOUR)));
  return sized(hours.map((hour) => ({ ...hour, name: `${day}/${hour.name}` })));
}

function countEntries(
  { reader }: StateFiles,
  folders: readonly TreeEntry[],
): Promise<readonly Counted[]> {
  return Promise.all(
    folders.map(async ({ name, oid }) => ({ name, entries: (await reader.readTree(oid)) ?? [] })),
  );
}

function sized(folders: readonly Counted[]): Folders {
  return folders.map(({ name, entries }) => ({ name, entries: entries.length }));
}

function isFolder(names: RegExp): (entry: TreeEntry) => boolean {
  return ({ kind, name }) => kind === "folder" && names.test(name);
}
