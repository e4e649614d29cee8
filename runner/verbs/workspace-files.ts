/** The files of a fresh workspace: copied from the program's own example. */
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { simpleGit } from "simple-git";

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** Copies what is not there yet; gives the paths that it wrote. Nothing that exists is changed. */
export function copyMissing(from: string, to: string, paths: readonly string[]): readonly string[] {
  const wanted = paths.filter(
    (path) => existsSync(join(from, path)) && !existsSync(join(to, path)),
  );
  for (const path of wanted) cpSync(join(from, path), join(to, path), { recursive: true });
  return wanted;
}

export function writeMissing(folder: string, path: string, text: string): readonly string[] {
  const target = join(folder, path);
  if (existsSync(target)) return [];
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
  return [path];
}

/** Agents of the studio. */
export function agentFolders(programFolder: string): readonly string[] {
  return readdirSync(join(programFolder, "agents")).map((name) => `agents/${name}`);
}

/** Makes a repository with the branch main where there is none. */
export async function initRepository(folder: string, who: Person | null): Promise<void> {
  const git = simpleGit(folder);
  if (!existsSync(join(folder, ".git"))) await git.init(["--initial-branch=main"]);
  if (who === null) return;
  await git.addConfig("user.name", who.name);
  await git.addConfig("user.email", who.email);
}

export async function commitPaths(
  folder: string,
  paths: readonly string[],
  message: string,
): Promise<void> {
  const git = simpleGit(folder);
  await git.add([...paths]);
  await git.commit(message, [...paths], { "--no-verify": null });
}

/** Name and e-mail that git would commit with in `folder`; null when it has none. */
export async function identityIn(folder: string): Promise<Person | null> {
  const git = simpleGit(existsSync(folder) ? folder : dirname(folder));
  const [name, email] = await Promise.all([
    git.getConfig("user.name"),
    git.getConfig("user.email"),
  ]);
  return email.value === null ? null : { name: name.value ?? email.value, email: email.value };
}
