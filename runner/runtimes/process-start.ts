/** Starts a process in a group of its own (and in the cage), so that all that it starts can be killed. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { endsWithRunner, type ProcessCage } from "./process-cage.ts";
import { killMarked, killOrphans, newMark } from "./process-mark.ts";

export interface ProcessOptions {
  /** Absolute path of the program, then its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cage: ProcessCage;
}

export interface Started {
  readonly child: Child;
  /** Kills it and everything that it started. */
  readonly killTree: () => void;
  /** It has ended: nothing has to be killed with this process any more. */
  readonly forget: () => void;
}

export function startProcess({ argv, cwd, env, cage }: ProcessOptions): Started {
  const [file, ...args] = [...cage, ...argv] as const;
  const marked = markOf(cage);
  const child = spawn(file, args, {
    cwd,
    env: { ...env, ...marked?.env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const killTree = (): void => {
    // Marks first: what carries none is known by its parent, as long as that lives.
    if (marked !== undefined) killMarked(marked.mark);
    killGroup(child);
  };
  atWork.add(killTree);
  return { child, killTree, forget: () => atWork.delete(killTree) };
}

/** Kills each program that runs: who ends this process at once ends them, too. */
const atWork = new Set<() => void>();
process.once("exit", () => {
  for (const killTree of atWork) killTree();
});

let isSwept = false;

/** A cage holds its processes together, and ends with this process; without that they are marked. */
function markOf(cage: ProcessCage): ReturnType<typeof newMark> | undefined {
  if (endsWithRunner(cage)) return undefined;
  if (!isSwept) killOrphans();
  isSwept = true;
  return newMark();
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function killGroup({ pid }: Child): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // gone already
  }
}
