import { expect, test } from "vitest";
import { resolveFiles, spell } from "../support/fixture-workspace.ts";

/** The pipelines, each of which starts the next; the last one starts `back`, if anything. */
function chain(names: readonly string[], back?: string): Readonly<Record<string, string>> {
  const files = names.map((name, index) => {
    const next = names[index + 1] ?? back;
    const step =
      next === undefined
        ? "  - id: find\n    agent: ledger\n    with: { folder: x, minDays: 1 }\n"
        : `  - id: next\n    pipeline: ${next}\n`;
    const text = `apiVersion: fettle/v1\nsteps:\n${step}`;
    return [`projects/studio/pipelines/${name}.yaml`, text] as const;
  });
  return Object.fromEntries(files);
}

function found(files: Readonly<Record<string, string>>): readonly string[] {
  return resolveFiles(files).violations.map(spell);
}

test("five pipelines may wait for one another", () => {
  expect(found(chain(["a", "b", "c", "d", "e"]))).toEqual([]);
});

test("six may not", () => {
  expect(found(chain(["a", "b", "c", "d", "e", "f"]))).toEqual([
    "ref/pipeline-depth projects/studio/pipelines/a.yaml:4:15 6 pipelines wait for one another: a, b, c, d, e, f; at most 5 may",
  ]);
});

test("pipelines that start each other without end are refused, each at its place", () => {
  expect(found(chain(["a", "b", "c"], "a"))).toEqual([
    "ref/pipeline-cycle projects/studio/pipelines/a.yaml:4:15 these pipelines start each other without end: a, b, c, a",
    "ref/pipeline-cycle projects/studio/pipelines/b.yaml:4:15 these pipelines start each other without end: b, c, a, b",
    "ref/pipeline-cycle projects/studio/pipelines/c.yaml:4:15 these pipelines start each other without end: c, a, b, c",
  ]);
});

test("a pipeline that leads to such a circle without being part of it is not blamed", () => {
  expect(found(chain(["a", "b"], "b"))).toEqual([
    "ref/pipeline-cycle projects/studio/pipelines/b.yaml:4:15 pipeline b starts itself",
  ]);
});
