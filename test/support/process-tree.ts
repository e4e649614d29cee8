/** Processes as Linux shows them under /proc. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 2;

/** Kills them and waits until they are gone. */
export async function killAll(pids: readonly number[]): Promise<void> {
  kill(pids);
  while (pids.some(isAlive)) await sleep(POLL_MS);
}

export function kill(pids: readonly number[], signal: NodeJS.Signals = "SIGKILL"): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

export function tracedBy(tracer: number): readonly number[] {
  return processes()
    .filter(({ TracerPid }) => TracerPid === tracer)
    .map(({ Pid }) => Pid);
}

export function childrenOf(parent: number): readonly number[] {
  return processes()
    .filter(({ PPid }) => PPid === parent)
    .map(({ Pid }) => Pid);
}

/** The process and all that descend from it, as far as their parents live. */
export function treeOf(root: number): readonly number[] {
  const all = processes();
  const found = [root];
  for (const pid of found) {
    found.push(...all.filter(({ PPid }) => PPid === pid).map(({ Pid }) => Pid));
  }
  return found;
}

interface Seen {
  readonly Pid: number;
  readonly PPid: number;
  readonly TracerPid: number;
}

/** Those that live; the dead ones whose parents have not asked for them are none. */
function processes(): readonly Seen[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid): Seen[] => {
    const status = statusOf(pid);
    if (status === null || /^State:\t[ZX]/m.test(status)) return [];
    const number = (name: string): number =>
      Number(new RegExp(`^${name}:\\t(\\d+)$`, "m").exec(status)?.[1]);
    return [{ Pid: Number(pid), PPid: number("PPid"), TracerPid: number("TracerPid") }];
  });
}

function statusOf(pid: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  const status = statusOf(String(pid));
  return status !== null && !/^State:\t[ZX]/m.test(status);
}
