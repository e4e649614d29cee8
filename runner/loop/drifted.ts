/** Which delivered files main holds otherwise by now, and who changed them. */
import type { Drifted, Observed } from "#runner/core/model.ts";
import { commitLog } from "#runner/repo/history.ts";
import type { Sight } from "./observe.ts";

type Eyes = Pick<Sight, "repository" | "files" | "workspace" | "summaries">;

export async function readDrifted(eyes: Eyes): Promise<Observed["drifted"]> {
  const owned = [...eyes.summaries.inventories.values()].flatMap((inventory) =>
    Object.entries(inventory.owned),
  );
  const read = await Promise.all(owned.map(([path, blob]) => driftOf(eyes, path, blob)));
  return new Map(read.flat());
}

async function driftOf(
  { repository, files, workspace }: Eyes,
  path: string,
  delivered: string,
): Promise<readonly (readonly [string, Drifted])[]> {
  const { commit } = workspace;
  const blob = (await files.reader.resolve(`${commit}:${path}`))?.oid ?? null;
  if (blob === delivered) return [];
  const query = { limit: 1, paths: [path], firstParent: true, withoutFiles: true };
  const [last] = await commitLog(repository, commit, query);
  // A shallow clone ends somewhere: whoever stands there need not have changed it.
  const by = last === undefined || repository.shallow ? null : last.committerEmail;
  return [[path, { blob, by }]];
}
