/** The ledger as it stands on the tip of the state branch. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { readEventFile, readEventLine } from "#runner/core/verify/verify-event.ts";
import { readLedger } from "./archive.ts";
import { readLines } from "./joined-lines.ts";
import { stateAt, type StateFiles } from "./state-files.ts";

const PARALLEL_FOLDERS = 8;

/** Events at or after `since` (an instant), oldest first. */
export async function readEvents(
  files: StateFiles,
  since: string,
): Promise<readonly LedgerEvent[]> {
  const days = (await files.list("events")).map(({ name }) => name);
  const wanted = days.filter((day) => day >= since.slice(0, 10)).toSorted();
  const events: LedgerEvent[] = [...(await readFolded(files, since.slice(0, 10)))];
  for (let at = 0; at < wanted.length; at += PARALLEL_FOLDERS) {
    const some = wanted.slice(at, at + PARALLEL_FOLDERS);
    events.push(...(await Promise.all(some.map((day) => readDay(files, day)))).flat());
  }
  return events.filter((event) => event.at >= since).toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** Days that have left the tip, as the history holds them. */
async function readFolded(files: StateFiles, since: string): Promise<readonly LedgerEvent[]> {
  const lines = (await readLedger(files, since)).filter(({ events }) => events !== null);
  const events: LedgerEvent[] = [];
  for (const { day, commit } of lines) {
    events.push(...(await readDay(stateAt(files.reader, commit), day)));
  }
  return events;
}

async function readDay(files: StateFiles, day: string): Promise<readonly LedgerEvent[]> {
  const hours = await files.list(`events/${day}`);
  const read = hours.map(async ({ name: hour, kind }) => {
    const folder = `events/${day}/${hour}`;
    if (kind !== "folder") return readJoined(files, folder);
    const names = await files.list(folder);
    return Promise.all(names.map(({ name }) => readGroup(files, `${folder}/${name}`)));
  });
  return (await Promise.all(read)).flat(2);
}

/** What compaction has joined: an event file a line. */
async function readJoined(
  files: StateFiles,
  path: string,
): Promise<readonly (readonly LedgerEvent[])[]> {
  const text = (await files.readText(path)) ?? "";
  return readLines(text).map((line) => {
    const events = readEventLine(line);
    if (events === undefined) throw new Error(`${path} on the state branch cannot be read`);
    return events;
  });
}

/** One event file: the transactions of one commit, in applied order. */
async function readGroup(files: StateFiles, path: string): Promise<readonly LedgerEvent[]> {
  const text = await files.readText(path);
  if (text === undefined) return [];
  const file = readEventFile(path, text);
  if (!file.ok) throw new Error(`${path} on the state branch cannot be read: ${file.reason}`);
  return file.events;
}
