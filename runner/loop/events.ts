/** The ledger as it stands on the tip of the state branch. */
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import { readEventFile } from "#runner/core/verify-event.ts";
import type { StateFiles } from "./state-files.ts";

const PARALLEL_FOLDERS = 8;

/** Events at or after `since` (an instant), oldest first. */
export async function readEvents(
  files: StateFiles,
  since: string,
): Promise<readonly LedgerEvent[]> {
  const days = (await files.list("events")).map(({ name }) => name);
  const wanted = days.filter((day) => day >= since.slice(0, 10)).toSorted();
  const events: LedgerEvent[] = [];
  for (let at = 0; at < wanted.length; at += PARALLEL_FOLDERS) {
    const some = wanted.slice(at, at + PARALLEL_FOLDERS);
    events.push(...(await Promise.all(some.map((day) => readDay(files, day)))).flat());
  }
  return events.filter((event) => event.at >= since).toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

async function readDay(files: StateFiles, day: string): Promise<readonly LedgerEvent[]> {
  const hours = await files.list(`events/${day}`);
  const read = hours.map(async (hour) => {
    const folder = `events/${day}/${hour.name}`;
    const names = await files.list(folder);
    return Promise.all(names.map(({ name }) => readGroup(files, `${folder}/${name}`)));
  });
  return (await Promise.all(read)).flat(2);
}

/** One event file: the transactions of one commit, in applied order. */
async function readGroup(files: StateFiles, path: string): Promise<readonly LedgerEvent[]> {
  const text = await files.readText(path);
  if (text === undefined) return [];
  const file = readEventFile(path, text);
  if (!file.ok) throw new Error(`${path} on the state branch cannot be read: ${file.reason}`);
  return file.events;
}
