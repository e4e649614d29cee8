import { expect, test } from "vitest";
import { intrusionOf, type BranchCommit } from "#runner/core/branch-change.ts";

const ADA = "ada@northwind.example";
const EVE = "eve@example.com";
const FOLDER = "memory/shop/decisions/mail-1";
const GATE = {
  branch: "fettle/gate/mail-1",
  folders: [FOLDER],
  deliverables: [{ path: "projects/shop/note.md" }],
};

function commit(committer: string, paths: readonly string[], isMerge = false): BranchCommit {
  return { oid: "c".repeat(40), committer, paths, isMerge };
}

function intrusion(commits: readonly BranchCommit[], paths = commits.flatMap((one) => one.paths)) {
  return intrusionOf(GATE, { commits, paths }, [ADA]);
}

test.each([
  ["nothing", []],
  ["an edit of the record", [commit(ADA, [`${FOLDER}/decision.md`])]],
  ["an edit of what is delivered", [commit(ADA, ["projects/shop/note.md"])]],
])("%s by an operator may be merged", (_, commits) => {
  expect(intrusion(commits)).toBeNull();
});

test("an operator's merge of main brings what is there already", () => {
  expect(intrusion([commit(ADA, ["fettle.yaml"], true)], [`${FOLDER}/decision.md`])).toBeNull();
});

test.each([
  ["a stranger's edit of the record", commit(EVE, [`${FOLDER}/decision.md`]), true],
  ["a stranger's edit of what is delivered", commit(EVE, ["projects/shop/note.md"]), false],
  ["a stranger's edit elsewhere", commit(EVE, ["fettle.yaml"]), false],
  ["a stranger's merge", commit(EVE, [], true), true],
  ["an operator's edit elsewhere", commit(ADA, ["fettle.yaml"]), false],
  ["a folder whose name begins the same", commit(ADA, [`${FOLDER}0/decision.md`]), false],
])("%s is told", (_, one, isInRecord) => {
  const told = intrusion([one]);

  expect(told?.message).toContain(`ccccccc by ${one.committer}`);
  for (const path of one.paths) expect(told?.message).toContain(path);
  expect(told?.isInRecord).toBe(isInRecord);
});

test("of many paths those that the gate does not show are told first", () => {
  const paths = [`${FOLDER}/decision.md`, "a", "b", "c", "d", "e", "f"];

  expect(intrusion([commit(EVE, paths)])?.message).toContain("(a, b, c, d, e and 2 more)");
});
