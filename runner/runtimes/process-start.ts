/** Starts a process in a group of its own (and in the cage), so that all that it starts can be killed. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { endsWithRunner, type ProcessCage } from "./process-cage.ts";
import { killMarked, killOrphans, newMark } from "./process-mark.ts";
import { isShortage } from "./shortage.ts";

export interface ProcessOptions {
  /** Absolute path of the program, then its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cage: ProcessCage;
}

export interface Started {
  readonly kind: "started";
  readonly child: Child;
  /** Kills it and everything that it started. */
  readonly killTree: () => void;
  /** It has ended: nothing has to be killed with this process any more. */
  readonly forget: () => void;
}

/** Nothing of it has run. */
export interface NotStarted {
  readonly kind: "not-started";
  readonly why: string;
  /** This machine has no room for it now; it is nothing of the program's. */
  readonly isShort: boolean;
}

export async function startProcess({
  argv,
  cwd,
  env,
  cage,
}: ProcessOptions): Promise<Started | NotStarted> {
  const [file, ...args] = [...cage, ...argv] as const;
  const marked = markOf(cage);
  let child: Child;
  try {
    child = await spawned(file, args, { cwd, env: { ...env, ...marked?.env } });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "not-started", why, isShort: isShortage(error) };
  }
  const killTree = (): void => {
    // Marks first: what carries none is known by its parent, as long as that lives.
    if (marked !== undefined) killMarked(marked.mark);
    killGroup(child);
  };
  atWork.add(killTree);
  return { kind: "started", child, killTree, forget: () => atWork.delete(killTree) };
}

/** Rejects with what the system says: some of it comes as an exception, some as an event, then also without pipes. */
function spawned(
  file: string,
  args: readonly string[],
  place: Pick<ProcessOptions, "cwd" | "env">,
): Promise<Child> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      ...place,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.on("error", reject);
    child.once("spawn", () => resolve(child));
  });
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
