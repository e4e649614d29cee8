/** Four runners with clones of their own on one branch, over HTTP: what is lost or done twice, and what pushing costs. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atLeast, counted, type Row } from "./bar.ts";
import { crewFolder, fettle, makeCrew, RUNNERS } from "./crew.ts";
import { addLetters } from "./letters.ts";
import { ENVIRONMENT, makeWorkspace, range, type BenchWorkspace } from "./workspace.ts";

/** Ticks after which it is given up. */
const MOST_ROUNDS = 40;

export async function benchContention(letters: number): Promise<readonly Row[]> {
  const workspace = makeWorkspace(RUNNERS);
  const log = join(crewFolder(workspace), "written.txt");
  shareOut(workspace, log);
  const { at, clones, close } = await makeCrew(workspace);
  try {
    const [first = ""] = clones;
    for (const project of range(RUNNERS)) {
      await fettle(first, ["run", `p${project}/letters`, "--set", `count=${letters}`]);
    }
    mkdirSync(at("bin"), { recursive: true });
    countPushes(at("bin"), at("pushes.txt"));
    const path = `${at("bin")}:${ENVIRONMENT.PATH}`;
    const asked = RUNNERS * letters;
    for (let round = 0; round < MOST_ROUNDS && (await bookedIn(first)) < asked; round += 1) {
      await Promise.all(clones.map((clone) => fettle(clone, ["reconcile"], path)));
    }
    const pushes = linesOf(at("pushes.txt"));
    return rowsOf({
      asked,
      done: linesOf(log).length,
      booked: await bookedIn(first),
      begun: pushes.filter((line) => line === "begun").length,
      accepted: pushes.filter((line) => line === "0").length,
    });
  } finally {
    await close();
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

function linesOf(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}
