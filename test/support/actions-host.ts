/** A company on GitHub as far as this machine can be that: an origin, machines that clone it, artifacts, dispatched waves. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ENVIRONMENT, makeFolder, type TestRepository } from "./git-repo.ts";
import { bash, type Played, type Ran, runWorkflow, type Script } from "./workflow-runner.ts";

export interface Host {
  readonly origin: TestRepository;
  readonly secrets: Readonly<Record<string, string>>;
}

export interface Happened extends Ran {
  /** What all steps printed. */
  readonly log: string;
  readonly summary: string;
  /** The workflow asks to be run again. */
  readonly again: boolean;
}

/** Runs a workflow of main for an event. */
export function happens(host: Host, name: string, github: Github): Happened {
  const workflow = parse(host.origin.git("show", `main:.github/workflows/${name}`));
  const artifacts = makeFolder();
  const tools = makeFolder();
  const dispatched = join(tools, "dispatched");
  writeFileSync(join(tools, "gh"), `#!/bin/sh\necho "$@" >> "${dispatched}"\n`);
  chmodSync(join(tools, "gh"), 0o755);
  const summaries: string[] = [];
  const log: string[] = [];
  const shell = (script: Script): boolean => {
    const { PATH = "" } = script.environment;
    const environment = { ...ENVIRONMENT, ...script.environment, PATH: `${PATH}:${tools}` };
    const { code, said } = bash({ ...script, environment });
    log.push(`$ ${script.text}\n${said}`);
    summaries.push(readFileSync(script.environment["GITHUB_STEP_SUMMARY"] ?? "", "utf8"));
    return code === 0;
  };
  const base = { repository: "ada/company", run_attempt: "1", token: "ghs_token", event: {} };
  const ran = runWorkflow(workflow, {
    github: { ...base, ...github },
    secrets: host.secrets,
    actions: {
      "actions/checkout": (played) => checkout(host.origin, played, proposedIn(github)),
      "actions/setup-node": () => undefined,
      "actions/upload-artifact": (played) => upload(artifacts, played),
      "actions/download-artifact": (played) => download(artifacts, played),
    },
    shell,
  });
  const isAsked = existsSync(dispatched);
  return { ...ran, log: log.join("\n"), summary: summaries.join("\n"), again: isAsked };
}

interface Github {
  readonly event_name: string;
  readonly event?: { readonly pull_request: { readonly head: { readonly sha: string } } };
}

/** What is checked out when nothing else is said. */
function proposedIn({ event }: Github): string {
  return event?.pull_request.head.sha ?? "main";
}

function checkout(origin: TestRepository, { with: given, workspace }: Played, usual: string): void {
  const { ref = usual, path = ".", filter, "fetch-depth": depth = "1" } = given;
  const partly = filter === undefined ? [] : [`--filter=${filter}`];
  const folder = join(workspace, path);
  const url = `file://${origin.path}`;
  const clone = ["clone", "--quiet", "--depth", depth, ...partly, "--branch", "main", url, folder];
  execFileSync("git", clone, { env: ENVIRONMENT });
  if (ref === "main") return;
  const git = (...args: readonly string[]): unknown =>
    execFileSync("git", ["-C", folder, ...args], { env: ENVIRONMENT });
  git("fetch", "--quiet", "--depth", "1", "origin", ref);
  git("checkout", "--quiet", "--detach", ref);
}

function upload(artifacts: string, { with: given, workspace }: Played): void {
  const { name = "", path = "" } = given;
  const from = join(workspace, path);
  if (existsSync(join(artifacts, name))) throw new Error(`there is an artifact ${name} already`);
  if (existsSync(from)) cpSync(from, join(artifacts, name), { recursive: true, filter: isShown });
  else if (given["if-no-files-found"] === "error") throw new Error(`nothing at ${path}`);
}

/** Files whose names begin with a dot are not uploaded. */
function isShown(path: string): boolean {
  return !/\/\.[^/]+$/u.test(path);
}

function download(artifacts: string, { with: given, workspace }: Played): void {
  const { name, pattern, path = "." } = given;
  const to = join(workspace, path);
  if (name !== undefined) return cpSync(join(artifacts, name), to, { recursive: true });
  mkdirSync(to, { recursive: true });
  const start = (pattern ?? "").replace(/\*$/u, "");
  for (const found of readdirSync(artifacts).filter((each) => each.startsWith(start))) {
    cpSync(join(artifacts, found), join(to, found), { recursive: true });
  }
}
