/** The table of what can go wrong with GitHub names tests that there are. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Of the third column: a file and words of the name of a test in it. */
const ROW = /^\|[^|]+\|[^|]+\| `(?<file>test\/[^`]+)`: (?<name>[^|]+?) *\|$/gmu;

const rows = [...readFileSync("docs/github.md", "utf8").matchAll(ROW)].map(({ groups }) => [
  groups?.["name"] ?? "",
  groups?.["file"] ?? "",
]);

test("Each kind of fault has its row.", () => {
  expect(rows.length).toBeGreaterThanOrEqual(17);
});

test.each(rows)("There is a test: %s (%s)", (name, file) => {
  expect(readFileSync(file, "utf8")).toContain(name);
});
