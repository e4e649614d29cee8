/** What still needs content of a month: retention takes nothing from under it. */
import { beforeOf } from "#runner/core/earlier-run.ts";
import { PAYLOAD_BRANCHES } from "#runner/core/ref-names.ts";
import { citationsOf } from "#runner/core/verify/verify-citation.ts";
import type { StateRecord } from "#runner/core/verify/verify-record.ts";
import type { Refs } from "#runner/repo/refs.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Citation } from "#runner/schema/types.gen.ts";
import { daysOf, readClosedRun } from "./closed-runs.ts";
import { recordOf } from "./record-schema.ts";
import { readFolder, readRequests, type StateFiles } from "./state-files.ts";

/** Commit of the payload branch of each month. */
export function payloadMonths(refs: Refs): ReadonlyMap<string, string> {
  return new Map(
    [...refs].flatMap(([ref, oid]) =>
      ref.startsWith(PAYLOAD_BRANCHES) ? [[ref.slice(PAYLOAD_BRANCHES.length), oid] as const] : [],
    ),
  );
}

/** Who needs it, in words. */
interface Need {
  readonly who: string;
  readonly citations: readonly Citation[];
}

/** The first that needs each of the months; null: nothing does. Runs that ended on the day `since` or later count too. */
export async function payloadNeeds(
  files: StateFiles,
  months: readonly string[],
  since: string,
): Promise<ReadonlyMap<string, string | null>> {
  const found = new Map<string, string | null>(months.map((month) => [month, null]));
  if (months.length === 0) return found;
  for (const { who, citations } of await needsOf(files, since)) {
    for (const { month } of citations) if (found.get(month) === null) found.set(month, who);
  }
  return found;
}

/** By digest and month: what no erasure may take either. What has ended can be done without. */
export async function neededCitations(files: StateFiles): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { who, citations } of await needsOf(files, NEVER)) {
    for (const { month, digest } of citations) found.set(`${month} ${digest}`, who);
  }
  return found;
}

/** After every day. */
const NEVER = "~";

async function needsOf(files: StateFiles, since: string): Promise<readonly Need[]> {
  const [open, gates, pending, recent, asked] = await Promise.all([
    needsOfOpenRuns(files),
    needsOfGates(files),
    needsOfDeliveries(files),
    needsOfRecentRuns(files, since),
    needsOfRequests(files),
  ]);
  return [...open, ...gates, ...pending, ...asked, ...recent];
}

/** With the run that each of them tries once more, or undoes. */
async function needsOfOpenRuns(files: StateFiles): Promise<readonly Need[]> {
  const runs = await files.list("open");
  const found = await Promise.all(
    runs.map(async ({ name: run }): Promise<readonly Need[]> => {
      const folder = `open/${run}`;
      const names = (await files.list(folder)).map(({ name }) => name);
      const read = await Promise.all(names.map((name) => readAny(files, `${folder}/${name}`)));
      const before = read.flatMap((record) =>
        record.kind === "run" ? (beforeOf(record.value) ?? []) : [],
      );
      const who = `run ${run}`;
      const own = read.flatMap((record) => citationsOf(record));
      const earlier = await Promise.all(before.map((ended) => closedCitations(files, ended)));
      return [{ who, citations: [...own, ...earlier.flat()] }];
    }),
  );
  return found.flat();
}

async function needsOfGates(files: StateFiles): Promise<readonly Need[]> {
  const gates = await readFolder(files, "gates", records.gate);
  return [...gates.values()].map((value) => ({
    who: `gate ${value.id}`,
    citations: citationsOf({ kind: "gate", value }),
  }));
}

async function needsOfDeliveries(files: StateFiles): Promise<readonly Need[]> {
  const names = (await files.list("live")).map(({ name }) => name);
  const projects = names.filter((name) => !name.startsWith("_"));
  const read = await Promise.all(
    projects.map(async (name) => JSON.parse((await files.readText(`live/${name}`)) ?? "null")),
  );
  return read.flatMap((live: unknown): readonly Need[] =>
    records.live(live)
      ? [
          {
            who: `what waits for delivery in ${live.project}`,
            citations: live.pending.map(({ content }) => content),
          },
        ]
      : [],
  );
}

/** What has ended in the last days may be tried once more, or undone. */
async function needsOfRecentRuns(files: StateFiles, since: string): Promise<readonly Need[]> {
  const days = (await daysOf(files)).filter((day) => day >= since);
  const runs = await Promise.all(
    days.map((day) => readFolder(files, `runs/${day}`, records.closedRun)),
  );
  return runs
    .flatMap((ended) => [...ended])
    .map(([run, value]) => ({
      who: `run ${run}, which has ended lately,`,
      citations: citationsOf({ kind: "closed-run", value }),
    }));
}

async function needsOfRequests(files: StateFiles): Promise<readonly Need[]> {
  const requests = await readRequests(files);
  const found = await Promise.all(
    requests.map(async (request): Promise<readonly Need[]> => {
      if (request.kind !== "retry" && request.kind !== "undo") return [];
      const { run, endedAt } = request;
      if (endedAt === null) return [];
      const citations = await closedCitations(files, { run, endedAt });
      return [{ who: `what was asked about run ${run}`, citations }];
    }),
  );
  return found.flat();
}

async function closedCitations(
  files: StateFiles,
  ended: { readonly run: string; readonly endedAt: string },
): Promise<readonly Citation[]> {
  const value = await readClosedRun(files, ended);
  return value === undefined ? [] : citationsOf({ kind: "closed-run", value });
}

/** Throws where it cannot be read: nobody can tell what it needs. */
async function readAny(files: StateFiles, path: string): Promise<StateRecord> {
  const text = await files.readText(path);
  const record = text === undefined ? "it is not here" : recordOf(path, JSON.parse(text));
  if (typeof record === "string") throw new Error(`${path} cannot be read: ${record}`);
  return record;
}
