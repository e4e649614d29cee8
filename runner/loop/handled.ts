/** What became of items that were handed over: in a file of their own, or among the old ones that were joined. */
import { handledPath, joinedHandledPath } from "#runner/core/state-path.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { HandledRecord } from "#runner/schema/types.gen.ts";
import { handledKey, readLines } from "./joined-lines.ts";
import { readRecord, type StateFiles } from "./state-files.ts";

/** By the run that handles the item; null where none was handed over. One read for each item, and one for each bucket of old ones. */
export async function readHandled(
  files: StateFiles,
  runs: readonly string[],
): Promise<ReadonlyMap<string, HandledRecord | null>> {
  const own = await Promise.all(
    runs.map(async (run) => {
      return [run, await readRecord(files, handledPath(run), records.handled)] as const;
    }),
  );
  const absent = own.filter(([, record]) => record === undefined).map(([run]) => run);
  const paths = [...new Set(absent.map(joinedHandledPath))];
  const joined = await Promise.all(paths.map((path) => readJoined(files, path, new Set(absent))));
  const old = new Map(joined.flat());
  return new Map(own.map(([run, record]) => [run, record ?? old.get(run) ?? null]));
}

async function readJoined(
  files: StateFiles,
  path: string,
  wanted: ReadonlySet<string>,
): Promise<readonly (readonly [string, HandledRecord])[]> {
  const lines = readLines((await files.readText(path)) ?? "");
  return lines.flatMap((line) => {
    const run = handledKey(line);
    return wanted.has(run) ? [[run, recordIn(path, line)] as const] : [];
  });
}

function recordIn(path: string, line: string): HandledRecord {
  const value: unknown = JSON.parse(line);
  if (records.handled(value)) return value;
  const [error] = records.handled.errors ?? [];
  throw new Error(`the state branch holds an invalid record: ${path} ${error?.message ?? ""}`);
}
