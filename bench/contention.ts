/** Four runners with clones of their own on one branch, over HTTP: what is lost or done twice, and what pushing costs. */
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serveHttp } from "../test/support/http-origin.ts";
import { atLeast, counted, type Row } from "./bar.ts";
import { addLetters } from "./letters.ts";
import { PROGRAM } from "./program.ts";
import { ENVIRONMENT, makeWorkspace, range, type BenchWorkspace } from "./workspace.ts";

const RUNNERS = 4;
/** Ticks after which it is given up. */
const MOST_ROUNDS = 40;

const start = promisify(execFile);

export async function benchContention(letters: number): Promise<readonly Row[]> {
  const workspace = makeWorkspace(RUNNERS);
  const folder = `${workspace.folder}-crew`;
  const at = (name: string): string => join(folder, name);
  mkdirSync(at("bin"), { recursive: true });
  shareOut(workspace, at("written.txt"));
  workspace.git("clone", "--quiet", "--bare", workspace.folder, at("origin.git"));
  workspace.git("-C", at("origin.git"), "config", "http.receivepack", "true");
  const origin = await serveHttp(folder, ENVIRONMENT.PATH);
  try {
    const clones = range(RUNNERS).map((runner) => at(`runner${runner}`));
    for (const clone of clones)
      await start("git", ["clone", "-q", origin.url("origin.git"), clone]);
    const [first = ""] = clones;
    await fettle(first, ["reconcile"]);
    for (const project of range(RUNNERS)) {
      await fettle(first, ["run", `p${project}/letters`, "--set", `count=${letters}`]);
    }
    countPushes(at("bin"), at("pushes.txt"));
    const path = `${at("bin")}:${ENVIRONMENT.PATH}`;
    const asked = RUNNERS * letters;
    for (let round = 0; round < MOST_ROUNDS && (await bookedIn(first)) < asked; round += 1) {
      await Promise.all(clones.map((clone) => fettle(clone, ["reconcile"], path)));
    }
    const pushes = linesOf(at("pushes.txt"));
    return rowsOf({
      asked,
      done: linesOf(at("written.txt")).length,
      booked: await bookedIn(first),
      begun: pushes.filter((line) => line === "begun").length,
      accepted: pushes.filter((line) => line === "0").length,
    });
  } finally {
    await origin.close();
    workspace.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Tally {
  readonly asked: number;
  readonly done: number;
  readonly booked: number;
  readonly begun: number;
  readonly accepted: number;
}

function rowsOf({ asked, done, booked, begun, accepted }: Tally): readonly Row[] {
  const what = `${RUNNERS} runners, one branch over HTTP, ${asked} steps`;
  return [
    counted(`${what}: results lost`, asked - booked, 0),
    counted(`${what}: steps done twice`, done - asked, 0),
    counted(
      `${what}: pushes begun for one that is accepted, on average`,
      Math.ceil(begun / accepted),
      8,
    ),
    atLeast(`${what}: steps for each accepted push`, [asked / accepted], 4),
  ];
}

/** Every project gets the letters; each that is written leaves a line outside. */
function shareOut(workspace: BenchWorkspace, log: string): void {
  addLetters(workspace, "command");
  const text = (path: string): string => readFileSync(join(workspace.folder, path), "utf8");
  const pipeline = text("projects/p0/pipelines/letters.yaml");
  const names = range(RUNNERS).map((project) => `projects/p${project}/pipelines/letters.yaml`);
  workspace.commit({
    ...Object.fromEntries(names.map((name) => [name, pipeline])),
    "agents/writer/main.sh": `echo written >> ${log}; ${text("agents/writer/main.sh")}`,
  });
}

/** A git that notes each push, and how it ended. */
function countPushes(bin: string, log: string): void {
  const push = `echo begun >> ${log}; git "$@"; code=$?; echo $code >> ${log}; exit $code`;
  const real = `PATH=${ENVIRONMENT.PATH}; export PATH`;
  const file = join(bin, "git");
  writeFileSync(
    file,
    `#!/bin/sh\n${real}\ncase " $* " in *" push "*) ${push};; esac\nexec git "$@"\n`,
  );
  chmodSync(file, 0o755);
}

async function bookedIn(folder: string): Promise<number> {
  const text = await fettle(folder, ["runs", "--json", "--limit", "100"]);
  const runs: { attempts: { step: string; outcome: string }[] }[] = JSON.parse(text);
  return runs
    .flatMap(({ attempts }) => attempts)
    .filter(({ step, outcome }) => step === "write" && outcome === "succeeded").length;
}

async function fettle(folder: string, words: readonly string[], path?: string): Promise<string> {
  const env = { ...ENVIRONMENT, FETTLE_DIST: "1", ...(path !== undefined && { PATH: path }) };
  const args = [PROGRAM, "-C", folder, ...words];
  const { stdout } = await start(process.execPath, args, { env, maxBuffer: 1 << 28 });
  return stdout;
}

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
