/** A project's manifests go back to what they were: one commit on main in the operator's name, never a rewritten history. */
import type { FileChange } from "#runner/repo/commit-target.ts";
import { beforeLastChange } from "#runner/repo/last-change.ts";
import { listTree } from "#runner/repo/worktree-files.ts";
import type { Engine } from "./engine.ts";
import { moveMain, type MovedMain } from "./move-main.ts";
import { buildAsOperator } from "./operator-commit.ts";
import { versionAt } from "./project-version.ts";

export interface Rollback {
  readonly project: string;
  readonly main: string;
  /** Commit whose manifests count again. */
  readonly to: string;
}

/** Without `paths` the manifests are those already. */
export type RolledBack = MovedMain & { readonly paths?: readonly string[] };

/** The commit before the last change of the project's manifests. */
export function previousOf(
  { repository }: Engine,
  { project, main }: Pick<Rollback, "project" | "main">,
): Promise<string | undefined> {
  const folder = `projects/${project}`;
  const paths = [`${folder}/project.yaml`, `${folder}/pipelines`];
  return beforeLastChange(repository, { commit: main, paths });
}

export async function rollBack(engine: Engine, rollback: Rollback): Promise<RolledBack> {
  const { project, main, to } = rollback;
  const changes = await changesOf(engine, rollback);
  if (changes === null) return refused(`there is no project ${project} at ${short(to)}`, LOG_HINT);
  if (changes.length === 0) return { ok: true, commit: main, paths: [] };
  const message = `Roll back ${project} to ${short(to)}\n`;
  const built = await buildAsOperator(engine, { main, files: changes, message });
  if (!built.ok) return built;
  const { commit } = built;
  if ((await versionAt(engine.manifests, commit, project)) === undefined) {
    const why = `the manifests of ${short(to)} are not valid with the agents of now`;
    return refused(why, "roll back to another commit with --to");
  }
  const words = { done: "rolled back on main", again: "roll back" };
  const moved = await moveMain(engine, { from: main, to: commit }, words);
  return moved.ok ? { ...moved, paths: changes.map(({ path }) => path) } : moved;
}

const LOG_HINT = "git log main -- projects/<project>   names the commits; then --to <commit>";

function refused(message: string, hint: string): RolledBack {
  return { ok: false, exit: "refused", message, hint };
}

function short(commit: string): string {
  return commit.slice(0, 7);
}

/** null: the project was not there. */
async function changesOf(
  { store }: Engine,
  { project, main, to }: Rollback,
): Promise<readonly FileChange[] | null> {
  const [then, now] = await Promise.all(
    [to, main].map((commit) => manifestsAt(store.reader, commit, project)),
  );
  if (then === undefined || now === undefined || then.size === 0) return null;
  const paths = [...new Set([...then.keys(), ...now.keys()])].toSorted();
  return paths.flatMap((path): FileChange[] => {
    const oid = then.get(path);
    if (oid === now.get(path)) return [];
    return [oid === undefined ? { path, delete: true } : { path, oid }];
  });
}

const MANIFEST = /^(?:project\.yaml|pipelines\/[^/]+\.yaml)$/u;

async function manifestsAt(
  reader: Engine["store"]["reader"],
  commit: string,
  project: string,
): Promise<ReadonlyMap<string, string>> {
  const folder = `projects/${project}`;
  const files = await listTree(reader, `${commit}:${folder}`);
  return new Map(
    files
      .filter(({ path }) => MANIFEST.test(path))
      .map(({ path, oid }) => [`${folder}/${path}`, oid]),
  );
}
