/** Whether the decision of an open gate stood on main and was taken away again before a tick saw it. */
import type { GateFacts } from "#runner/core/model.ts";
import { commitLog, type LogEntry } from "#runner/repo/history.ts";
import type { GateRecord } from "#runner/schema/types.gen.ts";
import type { ObservedFrom } from "./observe.ts";
import { RUNNER_EMAIL } from "./runner-identity.ts";

type Sight = Pick<ObservedFrom, "repository" | "files" | "workspace">;

/** Asked of a gate whose record is not on main. */
export async function takenBack(
  sight: Sight,
  { head, folder }: Pick<GateRecord, "head" | "folder">,
): Promise<GateFacts["takenBack"]> {
  const base = await baseOf(sight, head);
  if (base === null) return null;
  const query = { firstParent: true, withoutFiles: true, limit: 1, paths: [folder] };
  const { repository, workspace } = sight;
  const [last] = await commitLog(repository, workspace.commit, { ...query, without: [base] });
  if (last === undefined || !(await hadRecord(sight, last, folder))) return null;
  const { oid, committerEmail } = last;
  return { commit: oid, by: committerEmail === RUNNER_EMAIL ? null : committerEmail };
}

/** Where the proposal began; null where main has not gone on since, and git need not be asked. */
async function baseOf(
  { repository, files: { reader }, workspace }: Sight,
  head: string,
): Promise<string | null> {
  // A shallow clone ends somewhere: what seems to have been taken away there may never have been.
  if (repository.shallow) return null;
  const base = (await reader.readCommit(head))?.parents[0];
  if (base === undefined || base === workspace.commit) return null;
  const main = await reader.readCommit(workspace.commit);
  return main?.parents[0] === base ? null : base;
}

async function hadRecord({ files }: Sight, last: LogEntry, folder: string): Promise<boolean> {
  const [before] = last.parents;
  if (before === undefined) return false;
  return (await files.reader.resolve(`${before}:${folder}/decision.md`)) !== undefined;
}
