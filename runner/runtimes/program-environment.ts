/** What a program finds around it: made from nothing, with the secrets that it is given and no other. */
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import type { AttemptFolder } from "./attempt-folder.ts";
import type { Invocation } from "./invocation.ts";

/** PATH of programs: the folder of the running Node comes first. */
export function searchPath(programPath: string): string {
  return [dirname(process.execPath), programPath].join(delimiter);
}

/** Absolute path of the program; `node` is the Node that runs this. */
export function findProgram(name: string, path: string, cwd: string): string | undefined {
  if (name === "node") return process.execPath;
  const candidates = name.includes("/")
    ? [resolve(cwd, name)]
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, name));
  return candidates.find(isRunnable);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Its own folders, and the secrets that it is given. */
export function environmentOf(
  invocation: Invocation,
  declared: readonly string[],
  { folder, path }: { readonly folder: AttemptFolder; readonly path: string },
): Record<string, string> {
  const own = { PATH: path, HOME: folder.home, TMPDIR: folder.tmp, LANG: "C.UTF-8", TZ: "UTC" };
  return { ...secretsFor(invocation, declared), ...own };
}

/** The key of a model is given to no program, whatever it declares. */
export function secretsFor(
  { secrets, models }: Invocation,
  declared: readonly string[],
): Readonly<Record<string, string>> {
  const modelKeys = new Set(Object.values(models).map(({ key }) => key));
  const given = declared.flatMap((name) => {
    const value = modelKeys.has(name) ? undefined : secrets[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}
