import { expect, test } from "vitest";
import { planDelivery, watchedDigest, watchedGlobs } from "#runner/core/delivery.ts";
import type { Deliver } from "#runner/core/action.ts";
import type { Observed } from "#runner/core/model.ts";
import type { PendingDelivery } from "#runner/schema/types.gen.ts";
import {
  live,
  pipeline,
  pipelineState,
  project,
  projectContext,
} from "../support/core-builders.ts";
import { BLOB, pending } from "../support/core-records.ts";

const OLD = "1".repeat(40);
const THEIRS = "2".repeat(40);
const LIST = "projects/shop/list.csv";

const version = project({
  pipelines: {
    chase: pipeline([], { triggers: { changes: ["*.csv"] } }),
    call: pipeline([], { triggers: { changes: ["*.csv"] } }),
  },
});

function planOf(
  files: readonly PendingDelivery[],
  facts: Partial<Observed> = {},
  seen = "?",
): ReturnType<typeof planDelivery> {
  const state = pipelineState({ seenChanges: seen });
  const own = live({ pending: [...files], pipelines: { chase: state, call: state } });
  return planDelivery(projectContext(version, { live: own, ...facts }));
}

function deliver(
  files: readonly PendingDelivery[],
  facts: Partial<Observed>,
  seen?: string,
): Deliver | undefined {
  return planOf(files, facts, seen).actions.find((action) => action.kind === "deliver");
}

test("nothing pending, nothing delivered", () => {
  expect(planOf([])).toEqual({ actions: [], holds: [], wakes: [], wants: [], yielding: [] });
});

test("what main holds is looked up before anything is delivered", () => {
  const mainBlobs = new Map([["a", null]]);

  expect(planOf([pending("a"), pending("b")], { mainBlobs })).toMatchObject({
    actions: [],
    wants: [{ kind: "main-blob", path: "b" }],
  });
});

test.each<[string, string | null, string | null, boolean]>([
  ["a new file", null, null, true],
  ["a file as the step saw it", OLD, OLD, true],
  ["a file that holds the same already", OLD, BLOB, true],
  ["a new file that is there already, the same", null, BLOB, true],
  ["a file that a person changed", OLD, THEIRS, false],
  ["a file that a person removed", OLD, null, false],
  ["a new file where a person made another", null, THEIRS, false],
])("%s", (_, was, onMain, isDelivered) => {
  const action = deliver([pending("a", { was })], { mainBlobs: new Map([["a", onMain]]) });

  expect(action?.paths).toEqual(isDelivered ? ["a"] : []);
  expect(action?.setAside).toEqual(isDelivered ? [] : ["a"]);
});

test("one file that is taken does not keep the others back", () => {
  const mainBlobs = new Map([
    ["a", THEIRS],
    ["b", null],
  ]);

  expect(deliver([pending("a"), pending("b")], { mainBlobs })).toMatchObject({
    paths: ["b"],
    setAside: ["a"],
    because: "1 file is ready; set aside, because main has changed there: a",
  });
});

const before = new Map([[LIST, OLD]]);
const watched = new Map(
  ["shop/chase", "shop/call"].map((name) => [
    name,
    { digest: watchedDigest(before), blobs: before },
  ]),
);
const facts = {
  watched,
  mainBlobs: new Map<string, string | null>([
    [LIST, OLD],
    ["projects/shop/notes.md", null],
  ]),
};
const list = pending(LIST, { was: OLD });

test("a pipeline has seen its own delivery; another one that watches the file has not", () => {
  const after = watchedDigest(new Map([[LIST, BLOB]]));

  expect(deliver([list], facts, watchedDigest(before))?.seen).toEqual({ chase: after });
});

test.each<[string, PendingDelivery, string]>([
  ["a file that nobody watches", pending("projects/shop/notes.md"), watchedDigest(before)],
  ["files that had changed otherwise too", list, "sha256:older"],
])("the cursor stays where it is for %s", (_, file, seen) => {
  expect(deliver([file], facts, seen)?.seen).toEqual({});
});

test("what is set aside was not delivered, so nobody has seen it", () => {
  const taken = { ...facts, mainBlobs: new Map([[LIST, THEIRS]]) };

  expect(deliver([list], taken, watchedDigest(before))).toMatchObject({ paths: [], seen: {} });
});

test("watched files are named from the project's folder, and their digest says nothing of order", () => {
  expect(watchedGlobs("shop", ["*.csv", "in/**"])).toEqual([
    "projects/shop/*.csv",
    "projects/shop/in/**",
  ]);
  expect(
    watchedDigest(
      new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
    ),
  ).toBe(
    watchedDigest(
      new Map([
        ["b", "2"],
        ["a", "1"],
      ]),
    ),
  );
});
