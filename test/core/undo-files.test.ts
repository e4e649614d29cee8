import { expect, test } from "vitest";
import { filesLeftBy, filesToUndo } from "#runner/core/undo/undo-files.ts";
import type { Deliverable, GateDecision } from "#runner/schema/types.gen.ts";
import { attempt, cite } from "../support/core-records.ts";

function file(path: string, was: string | null, blob: string): Deliverable {
  return { path, content: cite(blob), blob, was, bytes: 1 };
}

test("a file that several steps wrote goes back to what it was before the first", () => {
  const attempts = [
    attempt("draft", { deliverables: [file("b.md", "b0", "b1"), file("a.md", null, "a1")] }),
    attempt("mend", { deliverables: [file("b.md", "b1", "b2")] }),
  ];

  expect(filesLeftBy(attempts, [])).toEqual([
    { path: "a.md", was: null, blob: "a1" },
    { path: "b.md", was: "b0", blob: "b2" },
  ]);
});

test("a file that the run created and wrote once more was not there before", () => {
  const attempts = [
    attempt("draft", { deliverables: [file("a.md", null, "a1")] }),
    attempt("mend", { deliverables: [file("a.md", "a1", "a2")] }),
  ];

  expect(filesLeftBy(attempts, [])).toEqual([{ path: "a.md", was: null, blob: "a2" }]);
});

test("what failed left nothing, and what was taken over is the earlier run's", () => {
  const deliverables = [file("a.md", null, "a1")];

  expect(
    filesLeftBy(
      [
        attempt("draft", { deliverables, outcome: "crashed" }),
        attempt("draft", { deliverables, keptFrom: { run: "chase.bbbbbbbbbbbb", attempt: 1 } }),
      ],
      [],
    ),
  ).toEqual([]);
});

test("a file counts as it was approved", () => {
  const attempts = [attempt("draft", { deliverables: [file("a.md", "a0", "a1")] })];
  const decision: Pick<GateDecision, "files"> = { files: { "a.md": "edited", "other.md": "x" } };

  expect(filesLeftBy(attempts, [decision])).toEqual([{ path: "a.md", was: "a0", blob: "edited" }]);
});

test.each<[string, string | null, readonly string[], readonly string[]]>([
  ["is as the run left it", "a1", ["a.md"], []],
  ["was changed since", "later", [], ["a.md"]],
  ["is back already", "a0", [], []],
  ["was removed since", null, [], ["a.md"]],
])("a file that %s", (_, main, revert, changed) => {
  const left = [{ path: "a.md", was: "a0", blob: "a1" }];

  const found = filesToUndo(left, new Map([["a.md", main]]));

  expect(found.revert.map(({ path }) => path)).toEqual(revert);
  expect(found.changed).toEqual(changed);
});
