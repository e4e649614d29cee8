/** The shipped program and its peers as processes. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ENVIRONMENT } from "./workspace.ts";

export const ROOT = join(import.meta.dirname, "..");
export const PROGRAM = join(ROOT, "bin", "fettle.mjs");

/** Runs to the end and throws when the exit code is not 0; the output is dropped. */
export function run(command: string, args: readonly string[]): void {
  const env = { ...ENVIRONMENT, FETTLE_DIST: "1" };
  const { status, stderr } = spawnSync(command, args, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}`);
}

export function fettle(...args: readonly string[]): void {
  run(process.execPath, [PROGRAM, ...args]);
}

export function bareNode(): void {
  run(process.execPath, ["-e", "0"]);
}

export function gitStatus(folder: string): void {
  run("git", ["-C", folder, "status", "--porcelain"]);
}
