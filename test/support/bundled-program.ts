/** The program as it ships; `build.ts` has made it. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ENVIRONMENT } from "./git-repo.ts";

const PROGRAM = join(import.meta.dirname, "../../bin/fettle.mjs");
const SHIPPED = { ...ENVIRONMENT, FETTLE_DIST: "1" };

export function fettle(...args: readonly string[]): string {
  return fettleOn({}, ...args);
}

/** With more in its environment. */
export function fettleOn(
  more: Readonly<Record<string, string>>,
  ...args: readonly string[]
): string {
  const options = { env: { ...SHIPPED, ...more }, encoding: "utf8", stdio: "pipe" } as const;
  return execFileSync(process.execPath, [PROGRAM, ...args], options);
}

/** What somebody at a terminal sees. */
export function fettleShown(folder: string, verb: string): string {
  const command = `exec ${process.execPath} ${PROGRAM} -C ${folder} ${verb}`;
  const args = ["--quiet", "--return", "--command", command, "/dev/null"];
  const env = { ...SHIPPED, TERM: "xterm-256color" };
  return execFileSync("script", args, { env, encoding: "utf8", stdio: "pipe" });
}
