/** Which delivered files main holds otherwise by now, and who changed them. */
import type { Drifted, Observed } from "#runner/core/model.ts";
import { commitLog } from "#runner/repo/history.ts";
import type { ObservedFrom } from "./observe.ts";

type Eyes = Pick<ObservedFrom, "repository" | "files" | "workspace" | "summaries">;

const ALL = 2 ** 31 - 1;

/** What open gates bring to main themselves is left out. */
export async function readDrifted(
  eyes: Eyes,
  gates: Observed["gates"],
): Promise<Observed["drifted"]> {
  const claimed = new Set(
    [...gates.values()].flatMap(({ record }) => record.deliverables.map(({ path }) => path)),
  );
  const owned = [...eyes.summaries.inventories.values()]
    .flatMap((inventory) => Object.entries(inventory.owned))
    .filter(([path]) => !claimed.has(path));
  const read = await Promise.all(owned.map((delivered) => changeOf(eyes, delivered)));
  const changed = new Map(read.flat());
  const writers = await writersOf(eyes, [...changed.keys()]);
  return new Map(
    [...changed].map(([path, blob]): readonly [string, Drifted] => {
      return [path, { blob, by: writers.get(path) ?? null }];
    }),
  );
}

async function changeOf(
  { files, workspace }: Eyes,
  [path, delivered]: readonly [string, string],
): Promise<readonly (readonly [string, string | null])[]> {
  const blob = (await files.reader.resolve(`${workspace.commit}:${path}`))?.oid ?? null;
  return blob === delivered ? [] : [[path, blob]];
}

/** Who committed each of them last, by one log of all. */
async function writersOf(
  { repository, workspace }: Eyes,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  // A shallow clone ends somewhere: whoever stands there need not have changed it.
  if (paths.length === 0 || repository.shallow) return new Map();
  const query = { limit: ALL, paths, firstParent: true };
  const newestFirst = await commitLog(repository, workspace.commit, query);
  return new Map(
    newestFirst
      .toReversed()
      .flatMap(({ files, committerEmail }) => files.map(({ path }) => [path, committerEmail])),
  );
}
