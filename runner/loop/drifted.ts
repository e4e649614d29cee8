/** Which delivered files main holds otherwise by now, and who changed them. */
import { tombstonePath } from "#runner/core/memory/memory-tombstone.ts";
import type { Drifted, Observed } from "#runner/core/model.ts";
import { commitLog } from "#runner/repo/history.ts";
import type { ObservedFrom } from "./observe.ts";
import { readTombstones } from "./tombstones.ts";

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
  const untold = owned.filter(([path]) => changed.get(path) === null && !writers.has(path));
  const forgotten = await forgottenBy(eyes, untold);
  return new Map(
    [...changed].map(([path, blob]): readonly [string, Drifted] => {
      return [path, { blob, by: writers.get(path) ?? forgotten.get(path) ?? null }];
    }),
  );
}

/** A purged history has never held the file: whoever committed the tombstone that names its content removed it. */
async function forgottenBy(
  eyes: Eyes,
  gone: readonly (readonly [string, string])[],
): Promise<ReadonlyMap<string, string>> {
  if (gone.length === 0) return new Map();
  const tombstones = await readTombstones(eyes.files.reader, eyes.workspace.commit);
  const buried = gone.flatMap(([path, delivered]) => {
    const tombstone = tombstones.find(
      ({ blob, blobs = [] }) => blob === delivered || blobs.includes(delivered),
    );
    return tombstone === undefined ? [] : [{ path, tombstone: tombstonePath(tombstone) }];
  });
  const writers = await writersOf(
    eyes,
    buried.map(({ tombstone }) => tombstone),
  );
  return new Map(
    buried.flatMap(({ path, tombstone }) => {
      const by = writers.get(tombstone);
      return by === undefined ? [] : [[path, by]];
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
