/** Whether main still holds the approvals that an open run goes on with. */
import { isByOperator } from "#runner/core/operator.ts";
import type { OpenRun } from "#runner/core/model.ts";
import { gateFolder } from "#runner/core/state-path.ts";
import { approvalsOf, type Standing, type TakenBack } from "#runner/core/undo/taken-back.ts";
import { comingsAndGoings } from "#runner/repo/history.ts";
import type { ObservedFrom } from "./observe.ts";
import { RUNNER_EMAIL } from "./runner-identity.ts";

type Sight = Pick<ObservedFrom, "repository" | "files" | "workspace">;

/** The first that is gone; undefined where all stand. */
export async function approvalTakenBack(
  sight: Sight,
  run: OpenRun,
): Promise<TakenBack | undefined> {
  for (const approval of approvalsOf(run)) {
    const record = `${gateFolder(run.record.project, approval.gate)}/decision.md`;
    const takenBack = await takenBackOf(sight, approval, record);
    if (takenBack !== undefined) return takenBack;
  }
  return undefined;
}

async function takenBackOf(
  sight: Sight,
  { title, commit: then }: Standing,
  record: string,
): Promise<TakenBack | undefined> {
  const { files, workspace } = sight;
  if (workspace.commit === then) return undefined;
  const isThere = (await files.reader.resolve(`${workspace.commit}:${record}`)) !== undefined;
  if (!isThere && !(await stoodThen(sight, then, record))) return undefined;
  const taking = takingOf(await changesSince(sight, then, record), workspace.settings);
  if (taking !== undefined) return { title, ...taking };
  return isThere ? undefined : { title, commit: null, by: null, isProven: false };
}

/** It stood there when the gate was settled; of a project that was renamed since it may stand elsewhere. */
async function stoodThen(
  { files: { reader } }: Sight,
  then: string,
  record: string,
): Promise<boolean> {
  if ((await reader.resolve(`${then}:${record}`)) !== undefined) return true;
  return (await reader.readCommit(then)) === undefined;
}

interface Change {
  readonly commit: string;
  readonly by: string;
  readonly isTaking: boolean;
}

/** Who brought the record and who took it away, newest first. */
async function changesSince(
  { repository, files: { reader }, workspace }: Sight,
  then: string,
  record: string,
): Promise<readonly Change[]> {
  const without = (await reader.readCommit(then)) === undefined ? [] : [then];
  const log = await comingsAndGoings(repository, workspace.commit, { path: record, without });
  return Promise.all(
    log.map(async ({ oid: commit, committerEmail: by }) => {
      const isTaking = (await reader.resolve(`${commit}:${record}`)) === undefined;
      return { commit, by, isTaking };
    }),
  );
}

/** The last word is an operator's. What anybody has taken away since stays away, for whoever is no operator approves nothing. */
function takingOf(
  changes: readonly Change[],
  settings: Sight["workspace"]["settings"],
): Omit<TakenBack, "title"> | undefined {
  const word = changes.findIndex((change) => isByOperator(settings, change));
  const last = changes[word];
  if (last?.isTaking === true) return { commit: last.commit, by: last.by, isProven: true };
  const since = word === -1 ? changes : changes.slice(0, word);
  const taken = since.find(({ isTaking }) => isTaking);
  if (taken === undefined) return undefined;
  const by = taken.by === RUNNER_EMAIL ? null : taken.by;
  return { commit: taken.commit, by, isProven: false };
}
