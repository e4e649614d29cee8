import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const TEXT = readFileSync("ARCHITECTURE.md", "utf8");

interface Guard {
  readonly file: string;
  readonly name: string;
}

test("every invariant names a test that is there", () => {
  const guards = guardsOf(TEXT);

  const missing = guards.filter(({ file, name }) => !existsSync(file) || !holds(file, name));

  expect(guards.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});

test("every file that the page names is there", () => {
  const paths = [...TEXT.matchAll(/`([a-z]+\/[\w./-]+\.(?:ts|md))`/gu)].map(
    ([, path = ""]) => path,
  );

  const missing = paths.filter((path) => !existsSync(path) && !existsSync(`runner/${path}`));

  expect(missing).toEqual([]);
});

/** The second cells of the table of invariants: a file, a colon, the name of a test. */
function guardsOf(text: string): readonly Guard[] {
  const section = text.split(/^## /mu).find((part) => part.startsWith("Invariants")) ?? "";
  return [...section.matchAll(/\| `(?<file>[^`]+)`: (?<name>.+?) +\|$/gmu)].map(({ groups }) => ({
    file: groups?.["file"] ?? "",
    name: groups?.["name"] ?? "",
  }));
}

function holds(file: string, name: string): boolean {
  return readFileSync(file, "utf8").includes(`"${name}"`);
}
