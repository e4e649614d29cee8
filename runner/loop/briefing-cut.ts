/** What is taken out of a briefing before the rest of it is merged: its decision records say that it is rejected. */
import { secondsOf } from "#runner/core/time/instant.ts";
import { branchRef } from "#runner/core/ref-names.ts";
import type { FileChange } from "#runner/repo/commit-target.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import { pushRefs } from "#runner/repo/push.ts";
import { diffTrees } from "#runner/repo/tree-diff.ts";
import { rejected } from "#runner/schema/gate-file.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { Engine } from "./engine.ts";

/** The records of these gates, with the word changed, and their files as they were before: a merge brings nothing of them. */
export async function rejectionsIn(
  reader: ObjectReader,
  head: string,
  gates: readonly GateRecord[],
): Promise<readonly FileChange[]> {
  const changes = await Promise.all(
    gates.map(async (gate): Promise<readonly FileChange[]> => {
      const path = recordOf(gate);
      const text = (await reader.readBlob(`${head}:${path}`))?.toString("utf8");
      if (text === undefined) return [];
      const before = await filesBefore(reader, gate);
      const there = await Promise.all(before.map((file) => reader.resolve(`${head}:${file.path}`)));
      const files = before.filter((file, at) => oidOf(file) !== there[at]?.oid);
      return [{ path, content: rejected(text) }, ...files];
    }),
  );
  return changes.flat();
}

/** undefined: it is gone. */
function oidOf(file: FileChange): string | undefined {
  return "oid" in file ? file.oid : undefined;
}

/** Where the proposal began. */
async function filesBefore(
  reader: ObjectReader,
  { head, deliverables }: GateRecord,
): Promise<readonly FileChange[]> {
  const base = (await reader.readCommit(head))?.parents[0];
  return Promise.all(
    deliverables.map(async ({ path }): Promise<FileChange> => {
      const before = base === undefined ? undefined : await reader.resolve(`${base}:${path}`);
      return before === undefined ? { path, delete: true } : { path, oid: before.oid };
    }),
  );
}

function recordOf({ folder }: GateRecord): string {
  return `${folder}/decision.md`;
}

/** Places that `head` rejects, where rejections are all that it changes of what was proposed; null where it changes more. */
export async function cutOf(
  reader: ObjectReader,
  gates: readonly GateRecord[],
  head: string,
): Promise<readonly number[] | null> {
  const [first] = gates;
  if (first === undefined || head === first.head) return [];
  if (first.briefing === undefined) return null;
  const changed = (await diffTrees(reader, first.head, head)).map(({ path }) => path);
  const cut = gates.filter((gate) => changed.includes(recordOf(gate)));
  const files = await Promise.all(cut.map((gate) => filesBefore(reader, gate)));
  const before = new Map(files.flat().map((file) => [file.path, oidOf(file)]));
  for (const path of changed) {
    const isBack =
      before.has(path) && (await reader.resolve(`${head}:${path}`))?.oid === before.get(path);
    if (!isBack && !(await isRejection(reader, path, { from: first.head, to: head }))) return null;
  }
  return cut.map(({ briefing }) => briefing?.place ?? 0).toSorted((a, b) => a - b);
}

async function isRejection(
  reader: ObjectReader,
  path: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<boolean> {
  if (!path.endsWith("/decision.md")) return false;
  const before = await reader.readBlob(`${from}:${path}`);
  const after = await reader.readBlob(`${to}:${path}`);
  if (before === undefined || after === undefined) return false;
  return rejected(before.toString("utf8")) === after.toString("utf8");
}

interface Cut {
  readonly head: string;
  /** Those that are rejected; all stand on one branch. */
  readonly gates: readonly GateRecord[];
  /** E-mail of who asks for it. */
  readonly by: string;
}

/** On the branch at the origin, unless somebody was faster there. */
export async function cutBriefing(
  engine: Engine,
  { head, gates, by }: Cut,
  signal: AbortSignal,
): Promise<boolean> {
  const { repository, store, clock } = engine;
  const [first] = gates;
  if (first === undefined || repository.origin === null) return false;
  const titles = gates.map(({ title }) => title).join(", ");
  const message = `Reject: ${titles}\n\nFettle-Asked-By: ${by}\n`;
  const files = await rejectionsIn(store.reader, head, gates);
  const at = secondsOf(clock());
  const commit = await store.buildCommit({ parent: head, files, message, at });
  const update = { ref: branchRef(first.branch), from: head, to: commit };
  return (await pushRefs(repository, [update], signal)).outcome === "ok";
}
