/** What makes a workspace run in GitHub Actions: workflows, an action, and the program itself. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { shellWord } from "#runner/core/shell-word.ts";
import { writeWhole } from "#runner/repo/broken-world.ts";
import { workflowText } from "#runner/report/workflow-text.ts";
import type { Workspace } from "#runner/schema/types.gen.ts";
import { sourceDigest } from "./source-digest.ts";

/** Template to its place in the workspace. */
const TEMPLATES = new Map([
  ["actions/fettle-check.yml", ".github/workflows/fettle-check.yml"],
  ["actions/fettle-command.yml", ".github/workflows/fettle-command.yml"],
  ["actions/fettle-reconcile.yml", ".github/workflows/fettle-reconcile.yml"],
  ["actions/fettle/action.yml", ".github/actions/fettle/action.yml"],
]);
const PROGRAM = ".github/fettle/program";
const PRICES = "prices/models.json";
/** Says what the bundle is made of. */
const MADE_OF = "meta.json";

export type GithubFiles =
  | { readonly ok: true; readonly files: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

/** null where the program that these files hold is there, made of the sources that are there. */
export function whyNotBundled(
  programFolder: string,
): { readonly reason: string; readonly hint: string } | null {
  const build = `npm --prefix ${shellWord(programFolder)} run build`;
  if (!existsSync(join(programFolder, "dist", "cli.mjs"))) {
    return { reason: "the program is not bundled here", hint: `${build}   makes it` };
  }
  const sources = sourceDigest(programFolder);
  if (sources === null || sources === sourcesOf(join(programFolder, "dist"))) return null;
  const reason = "the bundle in dist/ was made of other sources than those beside it";
  return { reason, hint: `${build}   makes it anew` };
}

/** undefined where the bundle does not say. */
function sourcesOf(dist: string): unknown {
  const text = textAt(dist, MADE_OF);
  const said: unknown = text === undefined ? null : JSON.parse(text);
  return typeof said === "object" && said !== null && "sources" in said ? said.sources : undefined;
}

/** Every file by its path, with its content. */
export function githubFiles(
  programFolder: string,
  settings: Pick<Workspace, "secrets" | "actions">,
): GithubFiles {
  const missing = whyNotBundled(programFolder);
  if (missing !== null) return { ok: false, ...missing };
  const dist = join(programFolder, "dist");
  const read = (path: string): string => readFileSync(join(programFolder, path), "utf8");
  const templates = [...TEMPLATES].map(
    ([from, to]) => [to, workflowText(read(from), settings)] as const,
  );
  const program = readdirSync(dist)
    .filter((name) => name !== MADE_OF)
    .map((name) => [`${PROGRAM}/${name}`, read(`dist/${name}`)] as const);
  const prices = [`.github/fettle/${PRICES}`, read(PRICES)] as const;
  return { ok: true, files: new Map([...templates, ...program, prices]) };
}

export function isInstalled(folder: string): boolean {
  return existsSync(join(folder, ".github/workflows/fettle-reconcile.yml"));
}

/** Files that are not, or not as they should be; those of an older program too, which go. */
export function staleFiles(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const differing = [...files]
    .filter(([path, text]) => textAt(folder, path) !== text)
    .map(([path]) => path);
  const old = namesIn(join(folder, PROGRAM)).map((name) => `${PROGRAM}/${name}`);
  return [...differing, ...old.filter((path) => !files.has(path))];
}

/** Writes what is stale; gives its paths. */
export function writeGithub(folder: string, files: ReadonlyMap<string, string>): readonly string[] {
  const stale = staleFiles(folder, files);
  for (const path of stale) {
    const target = join(folder, path);
    const text = files.get(path);
    if (text === undefined) rmSync(target);
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeWhole(target, text);
    }
  }
  return stale;
}

function textAt(folder: string, path: string): string | undefined {
  try {
    return readFileSync(join(folder, path), "utf8");
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
