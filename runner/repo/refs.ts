import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { damagedError } from "./damage.ts";
import { LOCAL_REFS, MAIN, RUNNER_BRANCHES } from "#runner/core/ref-names.ts";

/** Full ref name to commit id. */
export type Refs = ReadonlyMap<string, string>;

const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * main and every ref of the runner, read from the files of the git dir without starting git.
 *
 * Loose refs are read before packed ones, so that a ref packed in between is seen; a loose one wins.
 * Throws when a ref file holds no object id: a crash of the machine can leave one empty.
 */
export function readRefs(repository: { readonly commonDir: string }): Refs {
  const { commonDir } = repository;
  const loose = new Map<string, string>();
  readLoose(commonDir, MAIN, loose);
  readLooseFolder(commonDir, RUNNER_BRANCHES, loose);
  readLooseFolder(commonDir, LOCAL_REFS, loose);
  return new Map([...readPacked(commonDir), ...loose]);
}

/** One ref as it stands now; undefined when it is absent. */
export function readRef(commonDir: string, name: string): string | undefined {
  const loose = new Map<string, string>();
  readLoose(commonDir, name, loose);
  return loose.get(name) ?? readPacked(commonDir, name).get(name);
}

function readLooseFolder(commonDir: string, folder: string, found: Map<string, string>): void {
  const entries = absentAsUndefined(() =>
    readdirSync(join(commonDir, folder), { withFileTypes: true }),
  );
  for (const entry of entries ?? []) {
    const name = folder + entry.name;
    if (entry.isDirectory()) readLooseFolder(commonDir, `${name}/`, found);
    else if (!name.endsWith(".lock")) readLoose(commonDir, name, found);
  }
}

function readLoose(commonDir: string, name: string, found: Map<string, string>): void {
  const text = absentAsUndefined(() => readFileSync(join(commonDir, name), "latin1"));
  if (text === undefined) return;
  const value = text.trim();
  if (value.startsWith("ref: ")) return;
  if (!OBJECT_ID.test(value)) {
    const path = join(commonDir, name);
    throw damagedError(`the ref file ${path} holds no commit id`, path);
  }
  found.set(name, value);
}

function readPacked(commonDir: string, wanted?: string): Map<string, string> {
  const text = absentAsUndefined(() => readFileSync(join(commonDir, "packed-refs"), "utf8")) ?? "";
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [oid, name] = line.split(" ");
    if (oid && name && OBJECT_ID.test(oid) && (name === wanted || isOurs(name)))
      found.set(name, oid);
  }
  return found;
}

function isOurs(name: string): boolean {
  return name === MAIN || name.startsWith(RUNNER_BRANCHES) || name.startsWith(LOCAL_REFS);
}

function absentAsUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw error;
  }
}
