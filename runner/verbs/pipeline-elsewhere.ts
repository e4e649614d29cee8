/** Where a pipeline stands that does not count yet, and how it comes to count. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MAIN, RUNNER_BRANCHES } from "#runner/core/ref-names.ts";
import { shellWord } from "#runner/core/shell-word.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { gitText } from "#runner/repo/git.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { Repository } from "#runner/repo/repository.ts";

const BRANCHES = ["refs/heads", "refs/remotes"];

/** What to do about `project/pipeline`, or a pipeline of any project; null where there is none of this name. `main` is the commit that counts. */
export async function pipelineElsewhere(
  { repository, store: { reader } }: Engine,
  name: string,
  main: string,
): Promise<string | null> {
  const [pipeline = "", project] = name.split("/").toReversed();
  const wanted = { pipeline, project: project ?? null };
  const invalid = await pathIn(reader, main, wanted);
  if (invalid !== null)
    return `${invalid} does not count while a file of its project, or an agent that it names, is not valid there: fettle validate   says which`;
  for (const [ref, commit] of await branchesOf(repository)) {
    const path = await pathIn(reader, commit, wanted);
    if (path !== null) return branchHint(repository, ref, path);
  }
  const path = pathInWorkTree(repository, wanted);
  if (path === null) return null;
  const file = shellWord(path);
  return `${path} is not committed: git add ${file} && git commit -m "Add ${pipeline}"${pushWords(repository)}`;
}

interface Wanted {
  readonly pipeline: string;
  /** null: any. */
  readonly project: string | null;
}

/** The operator's branches with their commits; main of this clone first: it counts as soon as it is pushed. */
async function branchesOf({ own }: Repository): Promise<readonly (readonly [string, string])[]> {
  const listed = await gitText(own, [
    "for-each-ref",
    "--format=%(refname) %(objectname)",
    ...BRANCHES,
  ]);
  return listed
    .split("\n")
    .map((line) => line.split(" "))
    .map(([ref = "", commit = ""]) => [ref, commit] as const)
    .filter(([ref]) => ref !== "" && !ref.startsWith(RUNNER_BRANCHES))
    .toSorted(([a], [b]) => Number(b === MAIN) - Number(a === MAIN));
}

function branchHint(repository: Repository, ref: string, path: string): string {
  if (ref === MAIN) return `${path} is not pushed: git push origin main`;
  const branch = ref.replace(/^refs\/(?:heads|remotes)\//u, "");
  return `${path} is on branch ${branch} only: git switch main && git merge ${shellWord(branch)}${pushWords(repository)}`;
}

function pushWords({ origin }: Repository): string {
  return origin === null ? "" : " && git push origin main";
}

async function pathIn(
  reader: ObjectReader,
  commit: string,
  { pipeline, project }: Wanted,
): Promise<string | null> {
  const folders = (await reader.readTree(`${commit}:projects`)) ?? [];
  const names = project === null ? folders.map(({ name }) => name) : [project];
  for (const name of names) {
    const path = pathOf(name, pipeline);
    if ((await reader.resolve(`${commit}:${path}`)) !== undefined) return path;
  }
  return null;
}

function pathInWorkTree({ topLevel }: Repository, { pipeline, project }: Wanted): string | null {
  if (topLevel === undefined) return null;
  const projects = join(topLevel, "projects");
  const names = project === null ? (existsSync(projects) ? readdirSync(projects) : []) : [project];
  const paths = names.map((name) => pathOf(name, pipeline));
  return paths.find((path) => existsSync(join(topLevel, path))) ?? null;
}

function pathOf(project: string, pipeline: string): string {
  return `projects/${project}/pipelines/${pipeline}.yaml`;
}
