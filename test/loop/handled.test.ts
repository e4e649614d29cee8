import { expect, test } from "vitest";
import { canonicalJson } from "#runner/core/canonical-json.ts";
import { handledPath, joinedHandledPath } from "#runner/core/state-path.ts";
import { readHandled } from "#runner/loop/handled.ts";
import type { StateFiles } from "#runner/loop/state-files.ts";
import { ObjectReader } from "#runner/repo/object-reader.ts";
import type { HandledRecord } from "#runner/schema/types.gen.ts";
import { makeRepository } from "../support/git-repo.ts";

function record(run: string, result: "succeeded" | "failed" = "succeeded"): HandledRecord {
  const at = "2026-03-02T09:00:00.000Z";
  const outputs = { copied: { run: "answer.aaaaaaaaaaaa", startedAt: at, step: "each" } };
  const end = { result, reason: "", at, outputs };
  const who = { run, project: "desk", pipeline: "answer", parent: "inbox.bbbbbbbbbbbb" };
  return { ...who, step: "each", item: run, startedAt: at, end };
}

const list: StateFiles["list"] = () => Promise.resolve([]);

async function holding(files: Readonly<Record<string, string>>): Promise<{
  state: StateFiles;
  reads: string[];
}> {
  const { own } = await makeRepository().open();
  const reads: string[] = [];
  const readText = (path: string): Promise<string | undefined> => {
    reads.push(path);
    return Promise.resolve(files[path]);
  };
  return { reads, state: { tip: null, reader: new ObjectReader(own), readText, list } };
}

test("many items that were handled long ago cost one more read for each bucket, and no more", async () => {
  const runs = Array.from({ length: 500 }, (_, at) => `answer.${String(at).padStart(12, "a")}`);
  const buckets = Map.groupBy(runs, joinedHandledPath);
  const joined = [...buckets].map(([path, some]): [string, string] => [
    path,
    some.map((run) => `${canonicalJson(record(run))}\n`).join(""),
  ]);
  const { state, reads } = await holding(Object.fromEntries(joined));

  const found = await readHandled(state, runs);

  expect([...found]).toEqual(runs.map((run) => [run, record(run)]));
  expect(buckets.size).toBeLessThan(runs.length / 4);
  expect(reads).toHaveLength(runs.length + buckets.size);
});

test("what stands in a file of its own is newer than its line, and what stands nowhere was never handed over", async () => {
  const own = "answer.aaaaaaaaaaa1";
  const never = "answer.bbbbbbbbbbb1";
  const { state } = await holding({
    [handledPath(own)]: canonicalJson(record(own)),
    [joinedHandledPath(own)]: `${canonicalJson(record(own, "failed"))}\n`,
  });

  const found = await readHandled(state, [own, never]);

  expect(found.get(own)?.end?.result).toBe("succeeded");
  expect(found.get(never)).toBeNull();
});

test("a line that is no record is an error that names its file", async () => {
  const run = "answer.aaaaaaaaaaa1";
  const { end: _, ...broken } = record(run);
  const { state } = await holding({ [joinedHandledPath(run)]: `${canonicalJson(broken)}\n` });

  await expect(readHandled(state, [run])).rejects.toThrow("handled/a1.jsonl");
});
