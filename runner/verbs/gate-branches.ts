/** Where this clone has the branches of the open gates: what is told to be typed must work here. */
import type { Branches, Whereabouts } from "#runner/core/gate/gate-branch.ts";
import type { Observed } from "#runner/core/model.ts";
import { gitText } from "#runner/repo/git.ts";
import { readRefs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";

/** Only what is not here as the authority shows it; git is asked only when there is such a branch. */
export async function gateBranches(
  repository: Repository,
  { gates }: Pick<Observed, "gates">,
): Promise<Branches> {
  if (repository.origin === null) return new Map();
  const refs = readRefs(repository);
  const elsewhere = [...gates.values()].filter(
    ({ record, facts }) =>
      facts.branchHead !== null && refs.get(`refs/heads/${record.branch}`) !== facts.branchHead,
  );
  if (elsewhere.length === 0) return new Map();
  const fetched = await fetchedBranches(repository);
  return new Map(
    elsewhere.map(({ record: { branch }, facts: { branchHead } }): [string, Whereabouts] => [
      branch,
      fetched.get(branch) === branchHead ? "origin" : "away",
    ]),
  );
}

/** Commits by branch name, as the last `git fetch` left them. */
async function fetchedBranches({ own }: Repository): Promise<ReadonlyMap<string, string>> {
  const listed = await gitText(own, [
    "for-each-ref",
    "--format=%(objectname) %(refname:lstrip=3)",
    "refs/remotes/origin/fettle/gate/",
  ]);
  return new Map(
    listed.split("\n").map((line): [string, string] => {
      const [oid = "", branch = ""] = line.split(" ");
      return [branch, oid];
    }),
  );
}
