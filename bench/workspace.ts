/** A workspace of any size in a temporary folder: each project a page of YAML with a schedule, a step and nothing due. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@northwind.example",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@northwind.example",
};

const SETTINGS = `apiVersion: fettle/v1
name: bench
timezone: Europe/Berlin
operators: [{ email: ada@northwind.example }]
`;

const AGENT = `apiVersion: fettle/v1
version: 1.0.0
role: Counts what it is given.
runtime: { command: [node, main.mjs] }
inputs: { type: object, properties: { topic: { type: string } }, required: [topic], additionalProperties: false }
outputs: { type: object, properties: { count: { type: integer } }, required: [count], additionalProperties: false }
limits: { usd: 0, wall: 1m }
`;

const STEPS = 8;

export interface BenchWorkspace {
  readonly folder: string;
  readonly git: (...args: readonly string[]) => string;
  /** Writes and commits files. */
  readonly commit: (files: Readonly<Record<string, string>>) => void;
  readonly remove: () => void;
}

export function makeWorkspace(projects: number): BenchWorkspace {
  const folder = mkdtempSync(join(tmpdir(), "fettle-bench-"));
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: folder, env: ENVIRONMENT, encoding: "utf8" });
  const commit = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    git("add", "--all");
    git("commit", "--quiet", "--message", "Edit");
  };
  git("init", "--quiet", "--initial-branch=main");
  commit({
    "fettle.yaml": SETTINGS,
    "agents/counter/agent.yaml": AGENT,
    "agents/counter/main.mjs": "process.stdout.write(JSON.stringify({ count: 1 }));\n",
    ...Object.fromEntries(range(projects).flatMap(projectFiles)),
  });
  return { folder, git, commit, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function projectText(summary: string): string {
  return `apiVersion: fettle/v1
summary: ${summary}
budget: [{ per: month, usd: 10 }, { per: run, usd: 0.50 }]
`;
}

function projectFiles(index: number): readonly (readonly [string, string])[] {
  const folder = `projects/p${index}`;
  return [
    [`${folder}/project.yaml`, projectText(`Project number ${index}.`)],
    [`${folder}/pipelines/count.yaml`, pipelineText(index)],
  ];
}

function pipelineText(index: number): string {
  const steps = range(STEPS).map(
    (step) => `  - id: step${step}
    agent: counter
    with:
      topic: "topic ${index} of ${step}"
    retry:
      limit: 2
`,
  );
  return `apiVersion: fettle/v1
triggers:
  schedule: { cron: "0 8 1 * *", catchUp: latest }
params:
  minDays: { type: integer, default: 7 }
steps:
${steps.join("")}`;
}

export function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
