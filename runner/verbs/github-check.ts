/** Whether the workflows of a workspace are those that its fettle.yaml and this program make. */
import type { Engine } from "#runner/loop/engine.ts";
import type { Seen } from "#runner/loop/look.ts";
import { unfitSecrets } from "#runner/report/workflow-text.ts";
import { counted } from "#runner/report/words.ts";
import { type Check, ok } from "./check.ts";
import { githubFiles, isInstalled, staleFiles, writeGithub } from "./github-files.ts";

/** Nothing where fettle does not run in Actions. */
export function githubChecks(
  programFolder: string,
  { repository }: Pick<Engine, "repository">,
  { workspace }: Pick<Seen, "workspace">,
): readonly Check[] {
  const folder = repository.topLevel;
  if (folder === undefined || workspace === null || !isInstalled(folder)) return [];
  const { settings } = workspace;
  const unfit = unfitSecrets(settings).map((name): Check => {
    const what = `lanes cannot be given secret ${name}: GitHub has no secret of that name`;
    return { status: "warning", what, fix: `rename secrets.${name}.env in fettle.yaml` };
  });
  return [stateOf(folder, githubFiles(programFolder, settings)), ...unfit];
}

function stateOf(folder: string, wanted: ReturnType<typeof githubFiles>): Check {
  if (!wanted.ok) {
    const what = `whether .github is up to date cannot be said: ${wanted.reason}`;
    return { status: "warning", what, fix: wanted.hint };
  }
  const stale = staleFiles(folder, wanted.files);
  if (stale.length === 0) return ok("the workflows are those of fettle.yaml and of this program");
  const what = `${counted(stale.length, "file")} in .github ${stale.length === 1 ? "is" : "are"} not what fettle.yaml and this program make: ${stale[0]}`;
  return { status: "warning", what, fix: "fettle doctor --repair   writes them anew; then commit" };
}

/** What `doctor --repair` has written, in words. */
export function repairGithub(
  programFolder: string,
  { repository }: Pick<Engine, "repository">,
  { workspace }: Pick<Seen, "workspace">,
): readonly string[] {
  const folder = repository.topLevel;
  if (folder === undefined || workspace === null || !isInstalled(folder)) return [];
  const wanted = githubFiles(programFolder, workspace.settings);
  const written = wanted.ok ? writeGithub(folder, wanted.files) : [];
  if (written.length === 0) return [];
  return [
    `${counted(written.length, "file")} in .github ${written.length === 1 ? "is" : "are"} written anew: commit them`,
  ];
}
