/** The program as a process, with an environment made from nothing. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { fettleHere, type Ended } from "../support/fettle-here.ts";
import { SHIPPED } from "../support/shipped.ts";

export const PROGRAM = resolve("bin/fettle.mjs");
/** A Monday morning; the example studio has invoices that are overdue by then. */
const MONDAY = "2026-11-23T09:00:00Z";

export type { Ended };

export type Process = ChildProcessByStdio<null, Readable, Readable>;

/** A home with a git identity, and a folder to work in. */
export interface Desk {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the program in `folder`. */
  readonly start: (args: readonly string[], more?: More) => Process;
  readonly fettle: (...args: readonly string[]) => Promise<Ended>;
  readonly run: (args: readonly string[], more?: More) => Promise<Ended>;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** The same person in another folder, with more in its environment. */
  readonly at: (folder: string, more?: Readonly<Record<string, string>>) => Desk;
  readonly remove: () => void;
}

interface More {
  readonly environment?: Readonly<Record<string, string>>;
}

interface Way {
  /** `fettle` does without a process of its own: for what has nothing to do with one. */
  readonly isHere?: boolean;
  /** More of the environment. */
  readonly surroundings?: Readonly<Record<string, string>>;
}

export function makeDesk({ isHere = false, surroundings = {} }: Way = {}): Desk {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "fettle-e2e-")));
  writeFileSync(
    join(home, ".gitconfig"),
    "[user]\n\tname = Ada\n\temail = ada@northwind.example\n[init]\n\tdefaultBranch = main\n",
  );
  const folder = join(home, "desk");
  mkdirSync(folder);
  return deskAt(folder, { home, isHere, surroundings });
}

interface At {
  readonly home: string;
  readonly isHere: boolean;
  readonly surroundings: Readonly<Record<string, string>>;
}

function deskAt(folder: string, way: At): Desk {
  const { home, isHere, surroundings } = way;
  const environment = {
    PATH: `${resolve(process.execPath, "..")}:/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin`,
    HOME: home,
    TMPDIR: home,
    NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    FETTLE_NOW: MONDAY,
    ...SHIPPED,
    ...surroundings,
  };
  const start: Desk["start"] = (args, more) =>
    spawn(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      env: { ...environment, ...more?.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    folder,
    environment,
    start,
    run: (args, more) => ended(start(args, more)),
    fettle: (...args) => (isHere ? fettleHere({ folder, environment }, args) : ended(start(args))),
    git: async (...args) => {
      const child = spawn("git", args, {
        cwd: folder,
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const { code, stdout, stderr } = await ended(child);
      if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
      return stdout.trim();
    },
    at: (other, more) => deskAt(other, { ...way, surroundings: { ...surroundings, ...more } }),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

export async function ended(child: Process): Promise<Ended> {
  const code = new Promise<number | null>((resolveCode) => child.once("close", resolveCode));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}

/** Resolves when standard error has shown the words. */
export function said(child: Process, words: string): Promise<void> {
  return new Promise((done, failed) => {
    let seen = "";
    child.stderr.on("data", (chunk: Buffer) => {
      seen += chunk.toString("utf8");
      if (seen.includes(words)) done();
    });
    child.once("close", () => failed(new Error(`it ended without "${words}": ${seen}`)));
  });
}

/** The id of the one open gate. */
export async function openGate(desk: Desk): Promise<string> {
  const branches = await desk.git("branch", "--list", "fettle/gate/*", "--format=%(refname:short)");
  return branches.replace("fettle/gate/", "");
}
