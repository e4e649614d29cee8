/** Whether programs can be started in a process namespace of their own, where nothing outlives its first process. */
import { spawn } from "node:child_process";

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
  for (const cage of CANDIDATES) {
    if (await works(cage, programPath)) return cage;
  }
  return [];
}

function works(cage: ProcessCage, programPath: string): Promise<boolean> {
  const [program, ...args] = [...cage, "true"] as const;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: "ignore",
      env: { PATH: programPath },
      detached: true,
    });
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
