/** What docs/reliability.md promises names tests that there are. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const PAGE = readFileSync("docs/reliability.md", "utf8");
const SECTIONS = PAGE.split(/^## /mu);

function section(title: string): string {
  return SECTIONS.find((part) => part.startsWith(title)) ?? "";
}

/** The last cells of a table's rows. */
function lastCells(title: string): readonly string[] {
  return [...section(title).matchAll(/\| (?<cell>[^|\n]*?) *\|$/gmu)]
    .map(({ groups }) => groups?.["cell"] ?? "")
    .filter((cell) => cell.includes("`"));
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/`(?<name>[^`]+)`/gu)].map(({ groups }) => groups?.["name"] ?? "");
}

function isThere(name: string): boolean {
  return [name, `${name}.test.ts`].some((path) => existsSync(path) || globSync(path).length > 0);
}

test("Every file below test/ that the page names is there.", () => {
  const names = namesIn(PAGE).filter((name) => name.startsWith("test/"));

  expect(names.length).toBeGreaterThan(40);
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});

test("Every fault has its row, and each row a test that is there.", () => {
  const rows = lastCells("Faults and what happens");
  const names = rows.flatMap((cell) =>
    namesIn(cell).map((name) =>
      name.startsWith("test/") ? name : `test/scenario/recovery/${name}`,
    ),
  );

  expect(rows.length).toBeGreaterThanOrEqual(24);
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});
