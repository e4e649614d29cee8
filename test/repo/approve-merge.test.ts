import { expect, test } from "vitest";
import { mergeGate } from "#runner/repo/approve-merge.ts";
import type { TestRepository } from "../support/git-repo.ts";
import { COMMIT_TIME, makeRepository } from "../support/git-repo.ts";

const operator = { name: "Ada", email: "ada@northwind.example", at: COMMIT_TIME };

/** A gate branch that adds a file, while main goes on; leaves main checked out. */
function branchOff(files: Readonly<Record<string, string>>): TestRepository {
  const repository = makeRepository({ "a.txt": "1\n2\n3\n4\n5\n" });
  repository.git("checkout", "--quiet", "-b", "gate");
  repository.commit(files, "propose");
  repository.git("checkout", "--quiet", "main");
  return repository;
}

async function merge(repository: TestRepository, who = operator) {
  const main = repository.git("rev-parse", "main");
  const gate = repository.git("rev-parse", "gate");
  const message = "Approve: send the reminders\n";
  return mergeGate({ repository: await repository.open(), main, gate, message, operator: who });
}

test("an approval is a merge commit in the operator's name with both sides' content", async () => {
  const repository = branchOff({ "reminder.yaml": "x: 1\n", "a.txt": "1\n2\n3\n4\nfive\n" });
  repository.commit({ "a.txt": "one\n2\n3\n4\n5\n" });

  const merged = await merge(repository);

  const commit = merged.kind === "merged" ? merged.commit : "";
  expect(repository.git("show", `${commit}:a.txt`)).toBe("one\n2\n3\n4\nfive");
  expect(repository.git("log", "-1", "--format=%P|%an|%cn <%ce>|%s", commit)).toBe(
    `${repository.git("rev-parse", "main")} ${repository.git("rev-parse", "gate")}` +
      "|Ada|Ada <ada@northwind.example>|Approve: send the reminders",
  );
});

test("where main could just follow it is a merge commit all the same", async () => {
  const repository = branchOff({ "b.txt": "b\n" });

  const merged = await merge(repository);

  const commit = merged.kind === "merged" ? merged.commit : "";
  expect(repository.git("rev-parse", `${commit}^2`)).toBe(repository.git("rev-parse", "gate"));
  expect(repository.git("fsck", "--strict", "--no-dangling")).toBe("");
});

test("both sides changed a file: the paths are told and no ref moves", async () => {
  const repository = branchOff({ "a.txt": "theirs\n", "b ä.txt": "theirs\n" });
  const main = repository.commit({ "a.txt": "mine\n", "b ä.txt": "mine\n" });

  const merged = await merge(repository);

  expect(merged).toEqual({ kind: "conflict", paths: ["a.txt", "b ä.txt"] });
  expect(repository.git("rev-parse", "main")).toBe(main);
});

test("a gate that is already in main needs no merge", async () => {
  const repository = branchOff({ "b.txt": "b\n" });
  repository.git("merge", "--quiet", "gate");

  expect(await merge(repository)).toEqual({ kind: "already-merged" });
});

test("a name that would break the commit is refused", async () => {
  const repository = branchOff({ "b.txt": "b\n" });

  const merged = merge(repository, { ...operator, name: "Eve\nparent 1" });

  await expect(merged).rejects.toThrow(/cannot stand in a commit/);
});
