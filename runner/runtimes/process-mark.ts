/**
 * A mark in the environment by which the processes of an agent are found again, where no namespace holds them together:
 * those that left its group and session too. Needs /proc; elsewhere nothing is found.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const VARIABLE = "FETTLE_ATTEMPT";
/** Who starts processes as fast as they are killed wins in the end. */
const MOST_ROUNDS = 100;

/** Variables of a program that nobody else has, and can guess. */
export function newMark(): {
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
} {
  const mark = `${nameOf(process.pid)}/${crypto.randomUUID()}`;
  return { mark, env: { [VARIABLE]: mark } };
}

/** Kills what carries the mark, and what descends from it, until nothing is left. */
export function killMarked(mark: string): void {
  killAll((other) => other === mark);
}

/** Kills what the agents of runners that are gone have left behind. */
export function killOrphans(): void {
  const own = namespace();
  killAll((mark) => {
    const [pid = "", , space] = mark.split("/");
    return space === own && nameOf(Number(pid)) !== mark.split("/").slice(0, 3).join("/");
  });
}

/** Names a process for ever: its number, when it began, and where the number counts. */
function nameOf(pid: number): string {
  return [pid, statOf(pid)?.startTime ?? "", namespace()].join("/");
}

function namespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
  } catch {
    return "";
  }
}

function killAll(isMeant: (mark: string) => boolean): void {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const found = descendants(markedBy(isMeant));
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // gone already, or not ours to end
  }
}

/** Zombies have no environment any more. */
function markedBy(isMeant: (mark: string) => boolean): readonly number[] {
  return processes().filter((pid) => {
    const entry = read(`/proc/${pid}/environ`)
      .split("\0")
      .find((text) => text.startsWith(`${VARIABLE}=`));
    return entry !== undefined && isMeant(entry.slice(VARIABLE.length + 1));
  });
}

/** The processes, and all whose parent is among them. */
function descendants(roots: readonly number[]): readonly number[] {
  if (roots.length === 0) return [];
  const found = new Set(roots);
  const others = processes().map((pid) => ({ pid, stat: statOf(pid) }));
  for (let known = 0; known < found.size;) {
    known = found.size;
    for (const { pid, stat } of others) {
      if (stat !== undefined && !stat.isDead && found.has(stat.parent)) found.add(pid);
    }
  }
  found.delete(process.pid);
  return [...found];
}

function processes(): readonly number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

interface Stat {
  readonly isDead: boolean;
  readonly parent: number;
  /** In clock ticks since the machine was started. */
  readonly startTime: string;
}

/** The name of the program stands in parentheses and may hold anything. */
function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  const [state = "", parent, ...more] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const startTime = more[17];
  if (startTime === undefined) return undefined;
  return { isDead: /[ZX]/.test(state), parent: Number(parent), startTime };
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
