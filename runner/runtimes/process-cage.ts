/** Whether programs can be started in a process namespace of their own, where nothing outlives its first process. */
import { type ChildProcess, spawn } from "node:child_process";
import { isShortage, tellsOfShortage } from "./shortage.ts";

/** Arguments to put before a program; empty where there is no namespace to be had. */
export type ProcessCage = readonly [] | readonly [string, ...string[]];

// A program in a cage dies with this process (setpriv) and takes every process that it started along (unshare), those
// that left its group or session too. The second pair is for users without the right to make namespaces by themselves.
const NAMESPACE = ["--pid", "--fork", "--kill-child", "--mount-proc", "--"];
const CANDIDATES: readonly ProcessCage[] = [
  ["setpriv", "--pdeathsig", "KILL", "unshare", ...NAMESPACE],
  ["setpriv", "--pdeathsig", "KILL", "unshare", "--user", "--map-current-user", ...NAMESPACE],
  ["unshare", ...NAMESPACE],
  ["unshare", "--user", "--map-current-user", ...NAMESPACE],
];

/** Whether what is in the cage dies with this process, too. */
export function endsWithRunner([first]: ProcessCage): boolean {
  return first === "setpriv";
}

const probes = new Map<string, Promise<ProcessCage>>();

/** Tries what this machine offers, once for each search path. */
export function probeProcessCage(programPath: string): Promise<ProcessCage> {
  const known = probes.get(programPath);
  if (known !== undefined) return known;
  const probe = firstThatWorks(programPath);
  probes.set(programPath, probe);
  return probe;
}

async function firstThatWorks(programPath: string): Promise<ProcessCage> {
  const trials: Trial[] = [];
  for (const cage of CANDIDATES) {
    const trial = await tried(cage, programPath).catch(trialOf);
    if (trial === "works") return cage;
    trials.push(trial);
  }
  // A machine that has no room at this moment may offer one at the next.
  if (trials.includes("no-room")) probes.delete(programPath);
  return [];
}

type Trial = "works" | "fails" | "no-room";

function tried(cage: ProcessCage, programPath: string): Promise<Trial> {
  const [program, ...args] = [...cage, "true"] as const;
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(program, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: programPath, LC_ALL: "C" },
      detached: true,
    });
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve("works");
      else resolve(tellsOfShortage(said) ? "no-room" : "fails");
    });
  });
}

function trialOf(error: unknown): Trial {
  return isShortage(error) ? "no-room" : "fails";
}
