import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { complaintsOf } from "./planted.ts";
import { folderTable, type Place } from "./folder-table.ts";

const PLACES = folderTable();
const FILES = [
  "core/json-object.ts",
  "core/suggest.ts",
  ...readdirSync("runner/core", { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `core/${name}/other.ts`),
  "cli.ts",
  "start.ts",
  "version.ts",
  "verbs/try.ts",
  "runtimes/agent-program.ts",
  "runtimes/contract.ts",
  "runtimes/process-cage.ts",
  "runtimes/prose-check.ts",
];
const SOME_PACKAGES = ["node:http", "node:net", "node:os", "node:process", "execa", "octokit"];

interface Import {
  readonly line: string;
  readonly allowed: boolean;
}

test("every folder may import what ARCHITECTURE.md says, and nothing else", async () => {
  const planted = PLACES.map((place) => ({ path: pathOf(place), imports: importsOf(place) }));

  const files = planted.map(({ path, imports }) => [path, textOf(imports)] as const);
  const complaints = await complaintsOf(Object.fromEntries(files), false);

  for (const { path, imports } of planted) {
    const lines = complaints
      .filter(({ file, rule }) => file === path && rule === "eslint(no-restricted-imports)")
      .map(({ line }) => imports[line - 1]?.line);
    const refused = imports.filter(({ allowed }) => !allowed).map(({ line }) => line);
    expect({ path, refused: [...new Set(lines)].toSorted(byText) }).toEqual({
      path,
      refused: refused.toSorted(byText),
    });
  }
});

test("the table has every folder of the runner, and every place in it exists", () => {
  const entries = readdirSync("runner", { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${name}/`);
  const named = PLACES.map(({ name }) => name);

  expect(named).toEqual(expect.arrayContaining(folders));
  expect(named.filter((name) => !existsSync(`runner/${name}`))).toEqual([]);
});

function pathOf({ name }: Place): string {
  return name.endsWith("/") ? `runner/${name}planted.ts` : `runner/${name}`;
}

function textOf(imports: readonly Import[]): string {
  return imports.map(({ line }) => `${line}\n`).join("");
}

function importsOf(place: Place): readonly Import[] {
  const isFolder = place.name.endsWith("/");
  const prefix = isFolder ? "#runner/" : "./";
  const targets = [
    ...PLACES.filter(({ name }) => name.endsWith("/")).map(({ name }) => `${name}some.ts`),
    ...PLACES.filter(({ name }) => !name.endsWith("/")).map(({ name }) => name),
    ...FILES,
  ].filter((target) => target !== place.name);
  const inside = targets.flatMap((target) => importsOfTarget(place, prefix, target));
  const packages = allPackages().map((name) => ({
    line: `import "${name}";`,
    allowed: place.packages.has(name),
  }));
  const around = isFolder ? [{ line: `import "../core/some.ts";`, allowed: false }] : [];
  return [...inside, ...packages, ...around];
}

function importsOfTarget(place: Place, prefix: string, target: string): readonly Import[] {
  const own = `${prefix}${target}`;
  const values = isNamed(place.values, target) || isOwn(place, target);
  const types = values || isNamed(place.types, target);
  const name = target.replaceAll(/[^a-z]/gu, "");
  return [
    { line: `import { a${name} } from "${own}";`, allowed: values },
    { line: `import type { B${name} } from "${own}";`, allowed: types },
    { line: `export { c${name} } from "${own}";`, allowed: values },
    { line: `const d${name} = await import("${own}");`, allowed: values },
  ];
}

function isNamed(names: ReadonlySet<string>, target: string): boolean {
  return names.has(target) || foldersOf(target).some((folder) => names.has(folder));
}

/** `core/time/` and `core/` of `core/time/some.ts`. */
function foldersOf(target: string): readonly string[] {
  return [...target.matchAll(/\//gu)].map(({ index }) => target.slice(0, index + 1));
}

/** In the same folder. */
function isOwn({ name }: Place, target: string): boolean {
  return foldersOf(target).at(-1) === name;
}

/** What is installed for use, what some place may use, and some that none may. */
function allPackages(): readonly string[] {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync("package.json", "utf8"),
  );
  const allowed = PLACES.flatMap(({ packages }) => [...packages]);
  return [...new Set([...Object.keys(manifest.dependencies), ...allowed, ...SOME_PACKAGES])];
}

function byText(left: string | undefined, right: string | undefined): number {
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
