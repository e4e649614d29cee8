/** Which jobs of the check of a pull request run, and what they may. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { runWorkflow, type WorkflowText } from "../support/workflow-runner.ts";

const REPOSITORY = "ada/company";

/** Without the action of the workspace, which needs its files. */
function checkWorkflow(): WorkflowText {
  const { jobs }: WorkflowText = parse(readFileSync("actions/fettle-check.yml", "utf8"));
  return {
    jobs: Object.fromEntries(
      Object.entries(jobs).map(([id, job]) => {
        return [id, { ...job, steps: job.steps.filter(({ uses = "" }) => !uses.startsWith("./")) }];
      }),
    ),
  };
}

test.each<readonly [string, object | null, string, object]>([
  [
    "of this repository",
    { full_name: REPOSITORY },
    "true",
    { check: "failure", comment: "success" },
  ],
  ["of a fork", { full_name: "mallory/company" }, "true", { check: "failure", comment: "skipped" }],
  ["of a fork that is gone", null, "true", { check: "failure", comment: "skipped" }],
  [
    "of which nothing is told",
    { full_name: REPOSITORY },
    "",
    { check: "failure", comment: "skipped" },
  ],
])(
  "Where something is wrong with a pull request %s, it is told there by a job that sees none of its files, if it may be.",
  (_, repo, report, results) => {
    const checkouts: unknown[] = [];
    const { jobs } = checkWorkflow();
    const proposal = {
      number: 7,
      head: { sha: "b".repeat(40), repo },
      base: { sha: "a".repeat(40) },
    };
    const ran = runWorkflow(
      { jobs },
      {
        github: {
          event_name: "pull_request",
          repository: REPOSITORY,
          run_attempt: "1",
          token: "ghs_x",
          event: { pull_request: proposal },
        },
        actions: {
          "actions/checkout": ({ with: { ref } }) => checkouts.push(ref),
          "actions/upload-artifact": () => undefined,
          "actions/download-artifact": () => undefined,
        },
        shell: ({ text, environment }) => {
          writeFileSync(environment["GITHUB_OUTPUT"] ?? "", `report<<E\n${report}\nE\n`);
          return !text.includes("actions check");
        },
      },
    );

    expect(ran.results).toEqual(results);
    const mayWrite = ran.jobs.filter(({ permissions }) =>
      Object.values(permissions).includes("write"),
    );
    expect(mayWrite.every(({ job }) => job === "comment")).toBe(true);
    // The proposal is what is checked out where no commit is named: by the job that may not write.
    expect(checkouts.map((ref) => ref ?? "proposal").slice(2)).toEqual(
      mayWrite.map(() => proposal.base.sha),
    );
  },
);
