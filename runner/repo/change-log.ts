/** The commits of a branch, oldest first, each with the files that it changes against its first parent. */
import { gitText, killedError, spawnGit } from "./git.ts";
import type { Repository } from "./repository.ts";

/** Blob ids; null = absent. */
export interface ChangedPath {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Mode after the change. */
  readonly mode: string;
}

export interface CommitChanges {
  readonly oid: string;
  /** As this clone has them: none at a shallow boundary. */
  readonly parents: readonly string[];
  readonly changes: readonly ChangedPath[];
}

/** `unreadable` comes last, when git could not go on: an object is missing or damaged. */
export type LogItem =
  | ({ readonly kind: "commit" } & CommitChanges)
  | { readonly kind: "unreadable"; readonly detail: string };

const HEADER = /^[0-9a-f]{40,64} /;
const CHANGE = /^\n?:\d{6} (\d{6}) ([0-9a-f]+) ([0-9a-f]+) [A-Z]/;
const ABSENT = /^0+$/;

interface End {
  readonly code: number | null;
  readonly killedBy: string | null;
}

/** One git process for the whole history; memory does not grow with it. */
export async function* changeLog(repository: Repository, tip: string): AsyncGenerator<LogItem> {
  const args = [
    "log",
    "-z",
    "--reverse",
    "--topo-order",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--first-parent",
    "--diff-merges=first-parent",
    "--format=%H %P",
    "--end-of-options",
    tip,
    "--",
  ];
  const child = spawnGit(repository.own, args);
  child.stdin.end();
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const ended = new Promise<End>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, killedBy) => resolve({ code, killedBy }));
  });
  // Awaited when all is read: until then it must not count as unheard.
  ended.catch(() => undefined);
  try {
    yield* commitsIn(fieldsOf(child.stdout));
    const { code, killedBy } = await ended;
    if (killedBy !== null) throw killedError(args, killedBy);
    if (code !== 0) yield { kind: "unreadable", detail: said.trim() };
  } finally {
    child.kill();
  }
}

/** Every commit that one of the `tips` can reach in this clone, themselves included. */
export async function commitsUpTo(
  repository: Repository,
  tips: readonly string[],
): Promise<ReadonlySet<string>> {
  if (tips.length === 0) return new Set();
  const text = await gitText(repository.own, ["rev-list", "--end-of-options", ...tips]);
  return new Set(text.split("\n").filter(Boolean));
}

/** The fields of a stream that ends each with a zero byte. */
async function* fieldsOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(0, at); end >= 0; end = bytes.indexOf(0, at)) {
      yield bytes.toString("utf8", at, end);
      at = end + 1;
    }
    rest = bytes.subarray(at);
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

async function* commitsIn(fields: AsyncIterable<string>): AsyncGenerator<LogItem> {
  let header: string | undefined;
  let changes: ChangedPath[] = [];
  let change: string | undefined;
  for await (const field of fields) {
    if (change !== undefined) {
      changes.push(changeOf(change, field));
      change = undefined;
    } else if (CHANGE.test(field)) {
      change = field;
    } else if (HEADER.test(field)) {
      if (header !== undefined) yield commitOf(header, changes);
      header = field;
      changes = [];
    }
  }
  if (header !== undefined) yield commitOf(header, changes);
}

function changeOf(field: string, path: string): ChangedPath {
  const [, mode = "", before = "", after = ""] = CHANGE.exec(field) ?? [];
  return { path, mode, before: oidOf(before), after: oidOf(after) };
}

function oidOf(text: string): string | null {
  return ABSENT.test(text) ? null : text;
}

function commitOf(header: string, changes: readonly ChangedPath[]): LogItem {
  const [oid = "", ...parents] = header.split(" ").filter(Boolean);
  return { kind: "commit", oid, parents, changes };
}
