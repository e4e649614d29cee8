/** Whether main still holds the approvals that an open run goes on with. */
import { isByOperator } from "#runner/core/operator.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { gateFolder } from "#runner/core/state-path.ts";
import { approvalsOf, type Standing, type TakenBack } from "#runner/core/taken-back.ts";
import { commitLog } from "#runner/repo/history.ts";
import type { ObservedFrom } from "./observe.ts";
import { RUNNER_EMAIL } from "./runner-identity.ts";

type Sight = Pick<ObservedFrom, "repository" | "files" | "workspace">;

/** The first that is gone; undefined where all stand. */
export async function approvalTakenBack(
  sight: Sight,
  run: OpenRun,
): Promise<TakenBack | undefined> {
  const folderOf = (gate: string): string => gateFolder(run.record.project, gate);
  for (const approval of approvalsOf(run)) {
    const folder = folderOf(approval.gate);
    if (await isGone(sight, approval, folder)) return whoTook(sight, approval, folder);
  }
  return undefined;
}

/** It stood there when the gate was settled; of a project that was renamed since it may stand elsewhere. */
async function isGone(
  { files: { reader }, workspace }: Sight,
  { commit }: Standing,
  folder: string,
): Promise<boolean> {
  const record = `${folder}/decision.md`;
  if ((await reader.resolve(`${workspace.commit}:${record}`)) !== undefined) return false;
  const stoodThen = await reader.resolve(`${commit}:${record}`);
  return stoodThen !== undefined || (await reader.readCommit(commit)) === undefined;
}

async function whoTook(
  { repository, files: { reader }, workspace }: Sight,
  { title, commit: then }: Standing,
  folder: string,
): Promise<TakenBack> {
  const query = { firstParent: true, withoutFiles: true, limit: 1, paths: [folder] };
  const isThere = (await reader.readCommit(then)) !== undefined;
  const without = isThere ? { without: [then] } : {};
  const [last] = await commitLog(repository, workspace.commit, { ...query, ...without });
  if (last === undefined) return { title, commit: null, by: null, isProven: false };
  const { oid: commit, committerEmail } = last;
  const by = committerEmail === RUNNER_EMAIL ? null : committerEmail;
  const isProven = by !== null && isByOperator(workspace.settings, { by });
  return { title, commit, by, isProven };
}
