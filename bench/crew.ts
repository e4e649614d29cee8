/** Four runners with clones of their own of one workspace, over HTTP. */
import { execFile } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { serveHttp } from "../test/support/http-origin.ts";
import { PROGRAM } from "./program.ts";
import { ENVIRONMENT, range, type BenchWorkspace } from "./workspace.ts";

export const RUNNERS = 4;

const start = promisify(execFile);

export interface Crew {
  /** A path in the folder that they have in common. */
  readonly at: (name: string) => string;
  readonly clones: readonly string[];
  readonly close: () => Promise<void>;
}

/** The first of them has seen the workspace when it resolves. */
export async function makeCrew(workspace: BenchWorkspace): Promise<Crew> {
  const folder = crewFolder(workspace);
  const at = (name: string): string => join(folder, name);
  mkdirSync(folder, { recursive: true });
  workspace.git("clone", "--quiet", "--bare", workspace.folder, at("origin.git"));
  workspace.git("-C", at("origin.git"), "config", "http.receivepack", "true");
  const origin = await serveHttp(folder, ENVIRONMENT.PATH);
  const clones = range(RUNNERS).map((runner) => at(`runner${runner}`));
  for (const clone of clones) await start("git", ["clone", "-q", origin.url("origin.git"), clone]);
  const [first = ""] = clones;
  await fettle(first, ["reconcile"]);
  return {
    at,
    clones,
    close: async () => {
      await origin.close();
      workspace.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Known before the crew is there, so that agents can leave something in it. */
export function crewFolder({ folder }: BenchWorkspace): string {
  return `${folder}-crew`;
}

/** What it says on standard output. */
export async function fettle(
  folder: string,
  words: readonly string[],
  path?: string,
): Promise<string> {
  const env = { ...ENVIRONMENT, FETTLE_DIST: "1", ...(path !== undefined && { PATH: path }) };
  const args = [PROGRAM, "-C", folder, ...words];
  const { stdout } = await start(process.execPath, args, { env, maxBuffer: 1 << 28 });
  return stdout;
}
