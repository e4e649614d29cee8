/** What an agent is told of the past: git's log, tags, fettle's ledger, open gates. Bounded. */
import { DAY_MS } from "#runner/core/time/duration.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { commitLog, tags, type LogEntry } from "#runner/repo/history.ts";
import { bringChanges } from "#runner/repo/promised-changes.ts";
import type { Agent } from "#runner/schema/types.gen.ts";
import type { Engine, View } from "./engine.ts";
import { readEvents } from "./events.ts";

const COMMIT_LIMIT = 500;
const EVENT_DAYS = 31;

type Wanted = NonNullable<Agent["history"]>[number];

/** undefined when the agent asks for nothing. */
export async function historyFor(
  engine: Engine,
  view: View,
  wanted: readonly Wanted[],
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (wanted.length === 0) return undefined;
  const parts = await Promise.all(
    wanted.map(async (what) => [what, await readPart(engine, view, what)] as const),
  );
  return Object.fromEntries(parts);
}

async function readPart(engine: Engine, view: View, what: Wanted): Promise<unknown> {
  const { repository, store } = engine;
  switch (what) {
    case "commits": {
      await bringChanges(repository, view.workspace.commit, { limit: COMMIT_LIMIT });
      const log = await commitLog(repository, view.workspace.commit, { limit: COMMIT_LIMIT });
      return log.map(commitFacts);
    }
    case "tags":
      return (await tags(repository)).map(({ name, commit, at }) => ({
        name,
        oid: commit,
        at: instantOf(at),
      }));
    case "events": {
      const since = addMs(engine.clock(), -EVENT_DAYS * DAY_MS);
      return readEvents(store, since);
    }
    case "waiting":
      return [...view.observed.gates.values()].map(({ record }) => ({
        gate: record.id,
        title: record.title,
        project: record.project,
        openedAt: record.openedAt,
        answerBy: record.answerBy,
      }));
  }
}

function commitFacts(entry: LogEntry): object {
  const { oid, parents, authorName, authorEmail, subject, files } = entry;
  return { oid, parents, authorName, authorEmail, at: instantOf(entry.at), subject, files };
}

function instantOf(seconds: number): string {
  return addMs("1970-01-01T00:00:00.000Z", seconds * 1000);
}
