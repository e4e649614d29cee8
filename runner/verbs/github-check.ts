/** Whether the workflows of a workspace are those that its fettle.yaml and this program make. */
import { laneWait, type MinutesFacts, minutesStanding } from "#runner/core/lane/actions-minutes.ts";
import { blobId } from "#runner/core/blob-id.ts";
import type { Engine } from "#runner/loop/engine.ts";
import type { Seen } from "#runner/loop/look.ts";
import { listTree } from "#runner/repo/worktree-files.ts";
import { minutesWords } from "#runner/report/minutes-text.ts";
import { unfitSecrets } from "#runner/report/workflow-text.ts";
import { counted } from "#runner/report/words.ts";
import { type Check, ok } from "./check.ts";
import type { VerbContext } from "./verb.ts";
import { githubFiles, isInstalled, staleFiles, writeGithub } from "./github-files.ts";

/** Nothing where fettle does not run in Actions. */
export async function githubChecks(
  { programFolder, clock }: Pick<VerbContext, "programFolder" | "clock">,
  engine: Pick<Engine, "repository" | "store">,
  { workspace, observed }: Pick<Seen, "workspace" | "observed">,
): Promise<readonly Check[]> {
  const folder = engine.repository.topLevel;
  if (folder === undefined || workspace === null || !isInstalled(folder)) return [];
  const { settings } = workspace;
  const now = clock();
  const unfit = unfitSecrets(settings).map((name): Check => {
    const what = `lanes cannot be given secret ${name}: GitHub has no secret of that name`;
    return { status: "warning", what, fix: `rename secrets.${name}.env in fettle.yaml` };
  });
  const wanted = githubFiles(programFolder, settings);
  const state = stateOf(folder, wanted);
  const pushed =
    wanted.ok && state.status === "ok" ? await pushedCheck(engine, workspace, wanted) : [];
  return [state, ...pushed, ...unfit, minutesCheck({ workspace, observed, now })];
}

/** Also where fettle.yaml declares no ceiling. */
function minutesCheck(facts: MinutesFacts): Check {
  const standing = minutesStanding(facts);
  const what = `GitHub Actions will take ${minutesWords(standing)}`;
  const wait = laneWait(facts);
  const fix = "a longer actions.every or more actions.minutes in fettle.yaml";
  if (wait !== null) return { status: "warning", what: `${what}; ${wait.why}`, fix };
  const month = standing.month.looks + standing.month.waves;
  const isTooMuch = standing.limit !== null && month > standing.limit;
  return isTooMuch ? { status: "warning", what, fix } : ok(what);
}

/** What GitHub runs is what stands on main. */
async function pushedCheck(
  { repository, store }: Pick<Engine, "repository" | "store">,
  { commit }: { readonly commit: string },
  { files }: Extract<ReturnType<typeof githubFiles>, { readonly ok: true }>,
): Promise<readonly Check[]> {
  const found = await listTree(store.reader, `${commit}:.github`);
  const onMain = new Map(found.map(({ path, oid }) => [`.github/${path}`, oid]));
  const other = [...files].filter(([path, text]) => {
    return onMain.get(path) !== blobId(Buffer.from(text), repository.objectFormat);
  });
  const [first] = other;
  if (first === undefined) return [];
  const what = `${counted(other.length, "file")} of .github ${other.length === 1 ? "is" : "are"} not on main as here: ${first[0]}`;
  const fix = "git add --force .github && git commit -m 'Run in GitHub Actions' && git push";
  return [{ status: "warning", what, fix }];
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
