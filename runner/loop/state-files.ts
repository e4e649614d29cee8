/** Typed reading of the state branch. */
import type { Summaries } from "#runner/core/model.ts";
import { PAYLOAD_BRANCHES } from "#runner/core/ref-names.ts";
import { LIVE_WORKSPACE_PATH, payloadPath } from "#runner/core/state-path.ts";
import { isUnreadable } from "#runner/repo/damage.ts";
import type { TreeEntry } from "#runner/repo/git-object.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Validator } from "#runner/schema/validator.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type { Citation, RequestRecord, RunnerRecord } from "#runner/schema/types.gen.ts";

const ASKED_BY_NAME = 64;

/** The state branch at one commit: the store's tip, or any commit of the past. */
export interface StateFiles {
  readonly tip: string | null;
  readonly reader: ObjectReader;
  readText(path: string): Promise<string | undefined>;
  list(folder: string): Promise<readonly TreeEntry[]>;
}

/** The state as it was at `commit`. */
export function stateAt(reader: ObjectReader, commit: string): StateFiles {
  return {
    tip: commit,
    reader,
    readText: async (path) => (await reader.readBlob(`${commit}:${path}`))?.toString("utf8"),
    list: async (folder) => (await reader.readTree(`${commit}:${folder}`)) ?? [],
  };
}

/** The record at `path`; undefined when there is none. Throws when it is not what its schema says. */
export async function readRecord<Record>(
  files: StateFiles,
  path: string,
  validator: Validator<Record>,
): Promise<Record | undefined> {
  const text = await files.readText(path);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (validator(value)) return value;
  const [error] = validator.errors ?? [];
  const where = `${path}${error?.instancePath ?? ""}`;
  throw new Error(`the state branch holds an invalid record: ${where} ${error?.message ?? ""}`);
}

/** Every record of a folder, by file name without `.json`. */
export async function readFolder<Record>(
  files: StateFiles,
  folder: string,
  validator: Validator<Record>,
): Promise<ReadonlyMap<string, Record>> {
  return readRecords(files, { folder, names: await recordNames(files, folder) }, validator);
}

async function recordNames(files: StateFiles, folder: string): Promise<readonly string[]> {
  const entries = await files.list(folder);
  return entries
    .filter((entry) => entry.kind === "file" && !entry.name.startsWith("_"))
    .map(({ name }) => name.replace(/\.json$/, ""));
}

async function readRecords<Record>(
  files: StateFiles,
  { folder, names }: { readonly folder: string; readonly names: readonly string[] },
  validator: Validator<Record>,
): Promise<ReadonlyMap<string, Record>> {
  const found = await Promise.all(
    names.map(async (name): Promise<readonly [string, Record | undefined]> => {
      return [name, await readRecord(files, `${folder}/${name}.json`, validator)];
    }),
  );
  return new Map(found.flatMap(([name, record]) => (record === undefined ? [] : [[name, record]])));
}

/** The records of projects that are not at rest; few are asked for by name, of many the folder says which there are. */
async function readAwake<Record>(
  files: StateFiles,
  { folder, awake }: { readonly folder: string; readonly awake: readonly string[] },
  validator: Validator<Record>,
): Promise<ReadonlyMap<string, Record>> {
  if (awake.length <= ASKED_BY_NAME) return readRecords(files, { folder, names: awake }, validator);
  const there = new Set(await recordNames(files, folder));
  return readRecords(files, { folder, names: awake.filter((name) => there.has(name)) }, validator);
}

type Names = Pick<ReadonlySet<string>, "has">;

/** What is derived from events; nothing of the projects in `resting`. */
export async function readSummaries(
  files: StateFiles,
  resting: Names = new Set(),
): Promise<Summaries> {
  if (files.tip === null) return NO_SUMMARIES;
  const workspace =
    (await readRecord(files, LIVE_WORKSPACE_PATH, records.liveWorkspace)) ?? NO_SUMMARIES.workspace;
  const awake = workspace.projects.filter((name) => !resting.has(name));
  const [projects, inventories, stats] = await Promise.all([
    readAwake(files, { folder: "live", awake }, records.live),
    readAwake(files, { folder: "inventory", awake }, records.inventory),
    readFolder(files, "stats", records.stats),
  ]);
  return { workspace, projects, inventories, stats };
}

/** What runners say that they work on. */
export async function readRunners(files: StateFiles): Promise<readonly RunnerRecord[]> {
  return [...(await readFolder(files, "runners", records.runner)).values()];
}

export async function readRequests(files: StateFiles): Promise<readonly RequestRecord[]> {
  const requests = await readFolder(files, "requests", records.request);
  return [...requests.values()].toSorted((a, b) => (a.at + a.id < b.at + b.id ? -1 : 1));
}

/** The JSON value that a citation names; undefined when the payload is not in this clone. */
export async function readPayload(
  reader: ObjectReader,
  { digest, month }: Citation,
): Promise<{ readonly value: unknown } | undefined> {
  const content = await readPayloadBytes(reader, { digest, month });
  return content === undefined ? undefined : { value: JSON.parse(content.toString("utf8")) };
}

/** The bytes that a citation names; undefined when they are not in this clone, or cannot be read any more. */
export async function readPayloadBytes(
  reader: ObjectReader,
  { digest, month }: Citation,
): Promise<Buffer | undefined> {
  try {
    return await reader.readBlob(`${PAYLOAD_BRANCHES}${month}:${payloadPath(digest)}`);
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}
