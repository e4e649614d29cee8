/** `fettle init <folder>`: a fresh workspace, ready to reconcile. */
import { existsSync, mkdirSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { whyNotBundled } from "./github-files.ts";
import { initFiles } from "./init-files.ts";
import { initGithub } from "./init-github.ts";
import { inWordsOf } from "./program-words.ts";
import {
  branchIn,
  commitPaths,
  copyMissing,
  copiesIn,
  identityIn,
  initRepository,
  isAs,
  isCommitted,
  type Person,
  repositoryAround,
  writeMissing,
} from "./workspace-files.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

const SETTINGS = "fettle.yaml";
/** `common` and `format` are what the others refer to. */
const SCHEMAS = ["workspace", "project", "pipeline", "agent", "contract", "memory", "common"];
const COPIED = [
  ...SCHEMAS.map((name) => `schemas/${name}.schema.json`),
  "agents/brief-collector",
  "agents/brief-writer",
  "agents/mailer/agent.yaml",
  "agents/mailer/main.gen.mjs",
  "projects/weekly-brief/project.yaml",
  "projects/weekly-brief/pipelines",
];

export interface InitOptions {
  /** With what it needs to run in GitHub Actions. */
  readonly github: boolean;
}

type InitContext = Pick<VerbContext, "start" | "programFolder" | "program">;

export async function initVerb(
  context: InitContext,
  target: string,
  { github }: InitOptions,
): Promise<Answer> {
  // Before anything is made: half a workspace would have to be explained.
  const missing = github ? whyNotBundled(context.programFolder) : null;
  if (missing !== null) return refused("usage", missing.reason, missing.hint);
  const made = await makeWorkspace(context, target);
  if (made.exit !== "ok" || !github) return made;
  const ready = await initGithub(context, resolve(context.start, target));
  return ready.exit === "ok"
    ? { ...ready, text: `${made.text ?? ""}\n${ready.text ?? ""}` }
    : ready;
}

/** How the folder is named from where one is; in full where that is not below. */
function nearName(start: string, folder: string): string {
  const near = relative(start, folder) || ".";
  return near.startsWith("..") ? folder : near;
}

async function makeWorkspace(context: InitContext, target: string): Promise<Answer> {
  const folder = resolve(context.start, target);
  const known = { folder, near: nearName(context.start, folder) };
  const isBegun = await wasBegun(folder);
  if (existsSync(join(folder, SETTINGS)) && !isBegun) {
    const text = `nothing to do: ${folder} is a workspace already\n`;
    return { exit: "ok", text, json: { folder, written: [] } };
  }
  mkdirSync(folder, { recursive: true });
  const around = await repositoryAround(folder);
  if (around !== null && around !== folder) {
    const message = `${folder} is inside the repository ${around}, and a workspace is a whole repository`;
    return refused("usage", message, `fettle init ${around}   or choose a folder outside of it`);
  }
  const who = await identityIn(folder);
  if (who === null) {
    const hint =
      'git config --global user.name "Your Name" && git config --global user.email you@example.com';
    return refused("usage", "git does not know who you are", hint);
  }
  if (around === null) await initRepository(folder, null);
  const files = filesFor(folder, who);
  const missing = [
    ...[...files].flatMap(([path, text]) => writeMissing(folder, path, text)),
    ...copyMissing(context.programFolder, folder, COPIED),
  ];
  const written = isBegun ? ownFiles(context, folder, files) : missing;
  await commitPaths(folder, written, "Start the workspace");
  const text = doneText(context, { ...known, branch: await branchIn(folder), written });
  return { exit: "ok", text, json: { folder, written } };
}

function filesFor(folder: string, who: Person): ReadonlyMap<string, string> {
  const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
  return initFiles({ folder: basename(folder), who, timezone });
}

/** Whether it was cut off before it had committed what it wrote, and nobody has made anything of that since. */
async function wasBegun(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, SETTINGS)) || (await repositoryAround(folder)) !== folder)
    return false;
  const who = await identityIn(folder);
  const text = who === null ? undefined : filesFor(folder, who).get(SETTINGS);
  const isOwn = text !== undefined && isAs(folder, SETTINGS, text);
  return isOwn && !(await isCommitted(folder, SETTINGS));
}

/** All that it makes, as far as nobody has changed it. */
function ownFiles(
  { programFolder }: InitContext,
  folder: string,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  const made = [...files].filter(([path, text]) => isAs(folder, path, text));
  return [...made.map(([path]) => path), ...copiesIn(folder, programFolder, COPIED)];
}

interface Done {
  readonly folder: string;
  /** The folder from where one is. */
  readonly near: string;
  readonly branch: string;
  readonly written: readonly string[];
}

function doneText(context: InitContext, { folder, near, branch, written }: Done): string {
  const next = [
    ...(branch === "main" ? [] : [["git branch -m main", `what counts is main, not ${branch}`]]),
    ["fettle validate", "check the files"],
    ["fettle run brief", "ask for the first weekly brief"],
    ["fettle plan", "see what would be done, and why"],
    ["fettle reconcile", "do it"],
  ];
  const words = { ...context.program, folder: near === "." ? context.program.folder : near };
  const width = Math.max(...next.map(([command = ""]) => command.length));
  const steps = next.map(([command = "", what = ""]) => {
    return `  ${inWordsOf(words, command)}${" ".repeat(width - command.length)}   ${what}`;
  });
  return [
    `made a workspace in ${folder}, and committed it:`,
    ...[...new Set(written.map(shortened))].map((path) => `  ${path}`),
    "",
    "Next:",
    ...steps,
    "",
  ].join("\n");
}

/** What came as a whole is told as a whole. */
function shortened(path: string): string {
  return path.replace(/^((?:agents|projects)\/[^/]+|schemas)\/.*$/u, "$1/");
}
