import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { badFiles, resolveFiles, resolveWith, spell } from "../support/fixture-workspace.ts";

const expected = new Map(
  readFileSync("test/schema/fixtures/expected.txt", "utf8")
    .split("\n\n")
    .map((block) => block.trimEnd().split("\n"))
    .map(([name = "", ...lines]) => [name, lines.map((line) => line.trim())]),
);

test("the workspace that the bad files are put into is valid", () => {
  const resolved = resolveFiles();

  expect(resolved.violations).toEqual([]);
  expect([...resolved.projects.keys()]).toEqual(["studio"]);
});

test("every bad file has its expectation, and every expectation its file", () => {
  expect(badFiles().map(({ name }) => name)).toEqual([...expected.keys()]);
});

test.each(badFiles())("$name is refused with exact words at the exact place", (bad) => {
  const found = resolveWith(bad).violations;

  expect(found.map((violation) => `${violation.severity} ${spell(violation)}`)).toEqual(
    expected.get(bad.name),
  );
});

test.each(badFiles())(
  "an error in $name stalls the project that uses the file, a warning does not",
  (bad) => {
    const { violations, projects } = resolveWith(bad);
    const isUsed = bad.kind !== "contract" && bad.kind !== "memory";
    const isError = violations.some(({ severity }) => severity === "error");

    expect(projects.has("studio")).toBe(!(isUsed && isError));
  },
);
