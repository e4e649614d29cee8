import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  fetchedRef,
  LOCAL_REFS,
  MAIN,
  PAYLOAD_BRANCHES,
  RUNNER_BRANCHES,
  STATE,
} from "#runner/core/ref-names.ts";
import { isDamage } from "./damage.ts";
import { writeDurably } from "./durable-file.ts";
import { git } from "./git.ts";
import type { CommitObject } from "./git-object.ts";
import { moveAside } from "./mend-objects.ts";
import type { ObjectReader } from "./object-reader.ts";
import type { RefTransactions } from "./ref-transaction.ts";
import { readRefs } from "./refs.ts";
import type { Repository } from "./repository.ts";

/** A ref that was moved off what cannot be read; `to: null`: it is gone. */
export interface MendedRef {
  readonly ref: string;
  readonly from: string;
  readonly to: string | null;
  /** false: it could not be moved, for somebody moved or locked it meanwhile. */
  readonly isMoved: boolean;
}

interface Hands {
  readonly repository: Repository;
  readonly reader: ObjectReader;
  readonly transactions: Pick<RefTransactions, "run">;
}

const HOLDS_VALUE = /^(?:ref: |[0-9a-f]{40})/;

/** Takes ref files away that a crash of the machine has emptied: what is packed, or nothing, takes their place. */
export function putAsideEmptyRefs(
  where: Pick<Repository, "commonDir" | "fettleDir">,
): readonly string[] {
  const folders = [RUNNER_BRANCHES, LOCAL_REFS].map((name) => join(where.commonDir, name));
  const files = [join(where.commonDir, MAIN), ...folders.flatMap(filesBelow)];
  const empty = files.filter((path) => existsSync(path) && !path.endsWith(".lock"));
  const emptied = empty.filter((path) => !HOLDS_VALUE.test(readFileSync(path, "latin1")));
  for (const path of emptied) moveAside(where, path);
  const [logged] = loggedAt(where, MAIN);
  const main = join(where.commonDir, MAIN);
  if (emptied.includes(main) && logged !== undefined) writeDurably(main, `${logged}\n`);
  return emptied;
}

/** Moves the refs whose commits cannot be read any more to the newest commits that can. */
export async function mendRefs(hands: Hands): Promise<readonly MendedRef[]> {
  const { repository, transactions } = hands;
  const mended: MendedRef[] = [];
  for (const [ref, from] of readRefs(repository)) {
    if (await isReadable(hands, from)) continue;
    const to = await substitute(hands, ref);
    if (to === undefined) continue;
    const outcome = await transactions.run([{ ref, from, to }]);
    mended.push({ ref, from, to, isMoved: outcome.kind === "ok" });
  }
  return mended;
}

/** undefined: nothing is known that could take the place of what is lost. */
async function substitute(hands: Hands, ref: string): Promise<string | null | undefined> {
  const { repository } = hands;
  if (ref === MAIN) return (await newestLogged(hands, ref)) ?? undefined;
  // What is known of the origin, and what was only here and cannot be read: the next tick starts from what there is.
  if (ref.startsWith(LOCAL_REFS)) return null;
  if (ref !== STATE && !ref.startsWith(PAYLOAD_BRANCHES)) return undefined;
  const there = readRefs(repository).get(fetchedRef(ref));
  if (there !== undefined && (await isReadable(hands, there))) return there;
  const commits = await commitsOfKind(hands, ref);
  // A month of which nothing is left begins anew; without a state nothing does.
  if (commits.size === 0) return ref === STATE ? undefined : null;
  return newestOf(commits);
}

async function isReadable({ reader }: Hands, oid: string): Promise<boolean> {
  try {
    return (await reader.readTree(oid)) !== undefined;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

async function newestLogged(hands: Hands, ref: string): Promise<string | null> {
  for (const oid of loggedAt(hands.repository, ref)) {
    if (await isReadable(hands, oid)) return oid;
  }
  return null;
}

/** Where the ref stood, newest first, as its reflog says. */
function loggedAt({ commonDir }: Pick<Repository, "commonDir">, ref: string): readonly string[] {
  const path = join(commonDir, "logs", ref);
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  return lines.toReversed().flatMap((line) => line.split(" ")[1] ?? []);
}

/** The end of the longest line of them; undefined when there are two that are as long. */
function newestOf(commits: ReadonlyMap<string, CommitObject>): string | undefined {
  const lengths = new Map<string, number>();
  const lengthOf = (oid: string): number => {
    let length = 0;
    const line: string[] = [];
    for (let at: string | undefined = oid; at !== undefined; at = commits.get(at)?.parents[0]) {
      const known = lengths.get(at);
      if (known !== undefined) length = known;
      if (known !== undefined) break;
      line.push(at);
    }
    for (const at of line.toReversed()) lengths.set(at, (length += 1));
    return lengths.get(oid) ?? 0;
  };
  const longest = Math.max(...[...commits.keys()].map(lengthOf));
  const ends = [...commits.keys()].filter((oid) => lengthOf(oid) === longest);
  return ends.length === 1 ? ends[0] : undefined;
}

async function commitsOfKind(
  hands: Hands,
  ref: string,
): Promise<ReadonlyMap<string, CommitObject>> {
  const args = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"];
  const listed = await git(hands.repository.own, args);
  const oids = [...listed.stdout.toString("latin1").matchAll(/^([0-9a-f]+) commit$/gm)];
  const found = new Map<string, CommitObject>();
  for (const [, oid = ""] of oids) {
    const commit = await commitOfKind(hands, oid, ref);
    if (commit !== null) found.set(oid, commit);
  }
  return found;
}

async function commitOfKind(hands: Hands, oid: string, ref: string): Promise<CommitObject | null> {
  if (!(await isReadable(hands, oid))) return null;
  const commit = await hands.reader.readCommit(oid);
  const names = ((await hands.reader.readTree(oid)) ?? []).map(({ name }) => name);
  const isPayload = names.length > 0 && names.every((name) => /^[0-9a-f]{2}$/.test(name));
  const isOfKind =
    ref === STATE
      ? names.includes("format.json")
      : isPayload && isOfMonth(commit?.committer ?? "", ref);
  return isOfKind && commit !== undefined ? commit : null;
}

function isOfMonth(committer: string, ref: string): boolean {
  const [, seconds = "0"] = /> (\d+) /.exec(committer) ?? [];
  return ref.endsWith(new Date(Number(seconds) * 1000).toISOString().slice(0, 7));
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
