/** A moment of main's history: which commit it was, and which instant counts as the present there. */
import { addMs, secondsOf } from "#runner/core/time/instant.ts";
import { commitBefore, commitLog } from "#runner/repo/history.ts";
import type { Engine } from "./engine.ts";

export interface AsOf {
  readonly commit: string;
  /** Instant. */
  readonly at: string;
}

const EPOCH = "1970-01-01T00:00:00.000Z";
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** What main was at the end of a day, at an instant or at a commit; null where this clone has nothing of then. */
export async function asOf(
  { repository, store }: Pick<Engine, "repository" | "store">,
  main: string,
  text: string,
): Promise<AsOf | null> {
  const instant = DAY.test(text) ? `${text}T23:59:59Z` : text;
  if (INSTANT.test(instant) && !Number.isNaN(secondsOf(instant))) {
    const at = addMs(instant, 0);
    const commit = await commitBefore(repository, main, at);
    return commit === null ? null : { commit, at };
  }
  // What is checked out says nothing about main.
  const name = text.replace(/^(?:HEAD|@)(?=$|[~^])/u, main);
  const found = await store.reader.resolve(`${name}^{commit}`);
  if (found === undefined) return null;
  const query = { limit: 1, withoutFiles: true };
  const [entry] = await commitLog(repository, found.oid, query);
  return entry === undefined ? null : { commit: found.oid, at: addMs(EPOCH, entry.at * 1000) };
}
