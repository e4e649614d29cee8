/** The workflows of `fettle init --github`: what two linters say of them, and which jobs an event starts. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { workflowText } from "#runner/report/workflow-text.ts";
import { actionlintFindings, serviceFindings } from "../support/workflow-lint.ts";
import {
  type Ran,
  runWorkflow,
  type Stage,
  type WorkflowText,
} from "../support/workflow-runner.ts";

const SECRETS = {
  secrets: {
    KEY: { env: "ANTHROPIC_API_KEY" },
    MAIL: { env: "SMTP_URL", agents: ["mailer"] },
    ODD: { env: "not a name" },
  },
};
const NAMES = ["fettle-check.yml", "fettle-command.yml", "fettle-reconcile.yml"];

function textOf(name: string): string {
  return workflowText(readFileSync(`actions/${name}`, "utf8"), SECRETS);
}

function workflow(name: string): WorkflowText {
  return parse(textOf(name));
}

test.each(NAMES)("GitHub's language service and actionlint find nothing in %s.", async (name) => {
  expect(await serviceFindings(name, textOf(name))).toEqual([]);
  expect(await actionlintFindings(name, textOf(name))).toEqual([]);
});

test("Both linters find what is planted.", async () => {
  const bad = textOf("fettle-check.yml").replace(
    "runs-on: ubuntu-latest",
    "runs-on: []\n    run-on: x",
  );
  const injected = textOf("fettle-check.yml").replace(
    "run: exec fettle -C proposal",
    "run: echo ${{ github.event.pull_request.title }} && exec fettle -C proposal",
  );

  expect(await serviceFindings("bad.yml", bad)).not.toEqual([]);
  expect(await actionlintFindings("bad.yml", injected)).toEqual([
    expect.stringMatching(/untrusted/),
  ]);
});

interface StepText {
  readonly uses?: string | undefined;
  readonly run?: string | undefined;
  readonly with?: Readonly<Record<string, unknown>> | undefined;
}

const JOBS = NAMES.flatMap((name) => Object.entries(workflow(name).jobs));

test("Who cancels a job is heard by the program: no shell stands before it.", () => {
  const calls = JOBS.flatMap(([, { steps }]) => steps.flatMap(({ run = "" }) => run.split("\n")));
  const own = calls.filter((line) => /\bfettle /u.test(line));

  expect(own).toHaveLength(6);
  expect(own).toEqual(own.map(() => expect.stringMatching(/^exec fettle /u)));
});

test("A job that is given a secret may not write, and the reverse; nothing is given to a whole job.", () => {
  for (const [id, job] of JOBS) {
    const text = JSON.stringify(job);
    const mayWrite = Object.values(job.permissions ?? {}).includes("write");
    expect([id, mayWrite && text.includes("secrets.")]).toEqual([id, false]);
    expect([id, "permissions" in job, "env" in job]).toEqual([id, true, false]);
  }
  expect(JOBS.map(([id]) => id)).toContain("execute");
});

test("Actions are pinned by commit, checkouts keep no credentials, and no script holds what an event says.", () => {
  const action: { readonly runs: { readonly steps: readonly StepText[] } } = parse(
    readFileSync("actions/fettle/action.yml", "utf8"),
  );
  const steps: readonly StepText[] = [
    ...JOBS.flatMap(([, job]) => job.steps),
    ...action.runs.steps,
  ];
  const others = steps.flatMap(({ uses = "./" }) => (uses.startsWith("./") ? [] : [uses]));
  const checkouts = steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
  for (const uses of others) expect(uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
  for (const { with: given } of checkouts) {
    expect(given).toMatchObject({ "persist-credentials": false });
  }
  expect(steps.filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  expect([others.length, checkouts.length]).toEqual([15, 7]);
  for (const name of NAMES) {
    expect(parse(textOf(name))).toMatchObject({ permissions: {} });
    expect(textOf(name)).not.toMatch(/pull_request_target|workflow_run/);
  }
});

const REPOSITORY = "ada/company";
const GATE = { ref: "fettle/gate/mail-1", repo: { full_name: REPOSITORY } };

/** An event, with one lane that needs the secret KEY where anything is planned. */
function happening(
  event: string,
  more: object = {},
  count = "1",
): Ran & { readonly scripts: readonly string[] } {
  const scripts: string[] = [];
  const matrix = { include: [{ lane: "1", secrets: ["KEY"], plan: "p", mostMinutes: 5 }] };
  const stage: Stage = {
    github: {
      event_name: event,
      repository: REPOSITORY,
      run_attempt: "1",
      token: "ghs_x",
      event: {},
      ...more,
    },
    secrets: { ANTHROPIC_API_KEY: "sk-key", SMTP_URL: "smtp://x" },
    actions: {
      "actions/checkout": () => undefined,
      "actions/upload-artifact": () => undefined,
      "actions/download-artifact": () => undefined,
    },
    shell: ({ text, environment }) => {
      scripts.push(text);
      const outputs = text.startsWith("exec fettle actions plan")
        ? `count<<E\n${count}\nE\nmatrix<<E\n${JSON.stringify(matrix)}\nE\n`
        : "again<<E\nfalse\nE\n";
      writeFileSync(environment["GITHUB_OUTPUT"] ?? "", outputs);
      return true;
    },
  };
  return { ...runWorkflow(withoutLocal(workflow("fettle-reconcile.yml")), stage), scripts };
}

/** The action of the workspace needs its files. */
function withoutLocal({ jobs }: WorkflowText): WorkflowText {
  return {
    jobs: Object.fromEntries(
      Object.entries(jobs).map(([id, job]) => {
        const steps = job.steps.filter(({ uses = "" }) => !uses.startsWith("./"));
        return [id, { ...job, steps }];
      }),
    ),
  };
}

function pull(merged: boolean, head: object): object {
  return { event: { pull_request: { merged, head } } };
}

const ALL = { plan: "success", execute: "success", settle: "success" };
const NONE = { plan: "skipped", execute: "skipped", settle: "skipped" };

test.each<readonly [string, string, object, object]>([
  ["the schedule", "schedule", {}, ALL],
  ["a push", "push", {}, ALL],
  ["a dispatch", "workflow_dispatch", {}, ALL],
  ["a further wave", "repository_dispatch", {}, ALL],
  ["a gate that is closed", "pull_request", pull(false, GATE), ALL],
  ["a gate that is merged, which the push tells", "pull_request", pull(true, GATE), NONE],
  [
    "another pull request that is closed",
    "pull_request",
    pull(false, { ...GATE, ref: "fix" }),
    NONE,
  ],
  [
    "a pull request of a fork under the name of a gate",
    "pull_request",
    pull(false, { ...GATE, repo: { full_name: "mallory/company" } }),
    NONE,
  ],
  [
    "a pull request of a fork that is gone",
    "pull_request",
    pull(false, { ...GATE, repo: null }),
    NONE,
  ],
])("After %s these jobs run.", (_, event, more, results) => {
  expect(happening(event, more).results).toEqual(results);
});

test("With nothing to execute only the plan runs, and nothing is carried to another job.", () => {
  const ran = happening("schedule", {}, "0");

  expect(ran.results).toEqual({ plan: "success", execute: "skipped", settle: "skipped" });
  expect(
    ran.jobs.flatMap(({ steps }) => steps).filter(({ result }) => result === "skipped"),
  ).toMatchObject([{ name: "actions/upload-artifact" }]);
});

test("A lane is given the secrets of its own steps, and no token; the others are given no secret.", () => {
  const { jobs } = happening("push");
  const envOf = (id: string): Readonly<Record<string, string>> =>
    Object.assign(
      {},
      ...jobs.filter(({ job }) => job === id).flatMap(({ steps }) => steps.map(({ env }) => env)),
    );

  expect(envOf("execute")).toEqual({
    LANE: "1",
    PLAN: "p",
    ANTHROPIC_API_KEY: "sk-key",
    SMTP_URL: "",
  });
  expect(envOf("plan")).toEqual({ FETTLE_FORGE_TOKEN: "ghs_x" });
  expect(JSON.stringify(envOf("settle"))).not.toMatch(/sk-key|smtp/);
  expect(jobs.find(({ job }) => job === "execute")?.permissions).toEqual({ contents: "read" });
});

test("Lanes that are run again by hand execute nothing; what they did is settled as it was.", () => {
  const first = happening("push");
  expect(first.scripts.some((text) => text.startsWith("exec fettle execute"))).toBe(true);
  const { jobs } = workflow("fettle-reconcile.yml");
  const { plan, ...others } = withoutLocal({ jobs }).jobs;
  expect(plan).toBeDefined();
  const scripts: string[] = [];
  const again: WorkflowText = {
    jobs: {
      plan: {
        steps: [],
        outputs: { count: "1", attempt: "1", matrix: '{"include":[{"lane":"1"}]}' },
      },
      ...others,
    },
  };
  const { results } = runWorkflow(again, {
    github: { event_name: "push", run_attempt: "2", token: "", repository: REPOSITORY, event: {} },
    actions: { "actions/checkout": () => undefined, "actions/download-artifact": () => undefined },
    shell: ({ text }) => scripts.push(text) > 0,
  });

  expect(results).toEqual({ plan: "success", execute: "skipped", settle: "success" });
  expect(scripts).toEqual(["exec fettle actions settle fettle-results --plan fettle-plan"]);
});

test.each([
  ["an owner", "OWNER", "/fettle approve", true, "success"],
  ["a collaborator", "COLLABORATOR", "/fettle reject", true, "success"],
  ["a stranger", "NONE", "/fettle approve", true, "skipped"],
  ["somebody who once contributed", "CONTRIBUTOR", "/fettle approve", true, "skipped"],
  ["an owner who only talks", "OWNER", "looks good", true, "skipped"],
  ["an owner below an issue", "OWNER", "/fettle approve", false, "skipped"],
])("A comment by %s: %s %s.", (_, association, body, isPull, result) => {
  const event = {
    issue: isPull ? { pull_request: {} } : {},
    comment: { body, author_association: association },
  };
  const ran = runWorkflow(withoutLocal(workflow("fettle-command.yml")), {
    github: { event_name: "issue_comment", repository: REPOSITORY, token: "ghs_x", event },
    actions: { "actions/checkout": () => undefined },
    shell: () => true,
  });

  expect(ran.results).toEqual({ command: result });
});

test("How often GitHub looks follows from actions.every, in a form that both linters take.", async () => {
  const template = readFileSync("actions/fettle-reconcile.yml", "utf8");

  expect(cronOf(workflowText(template, {}))).toEqual(cronOf(template));
  const slow = workflowText(template, { actions: { every: "15m" } });
  expect(cronOf(slow)).toEqual([{ cron: "2,17,32,47 * * * *" }]);
  expect(await serviceFindings("slow.yml", slow)).toEqual([]);
});

test("Before it is known whether there is anything to do, a job fetches the program and installs nothing but Node.", () => {
  const { plan } = workflow("fettle-reconcile.yml").jobs;
  const steps: readonly StepText[] = plan?.steps ?? [];
  const first = steps.slice(
    0,
    steps.findIndex(({ run }) => run?.startsWith("exec fettle ") === true),
  );
  const action = parse(readFileSync("actions/fettle/action.yml", "utf8"));
  const inside: readonly StepText[] = action.runs.steps;

  expect(first.map(({ uses, run }) => run ?? uses?.split("@")[0])).toEqual([
    "actions/checkout",
    "./.github/actions/fettle",
  ]);
  expect(inside.flatMap(({ uses }) => uses?.split("@")[0] ?? [])).toEqual(["actions/setup-node"]);
  expect(inside.map(({ run }) => run ?? "").join("\n")).not.toMatch(/npm|install|curl|apt/u);
});

function cronOf(text: string): unknown {
  return parse(text).on.schedule;
}

test.each([
  ["of an owner that approves a gate", {}, "success"],
  ["of an owner that asks for changes", { state: "changes_requested" }, "success"],
  ["of an owner that remarks", { state: "commented" }, "skipped"],
  ["of a stranger", { author_association: "NONE" }, "skipped"],
  ["of a fork's branch of a gate's name", { fork: "eve/company" }, "skipped"],
  ["of no gate", { ref: "better-prices" }, "skipped"],
])("A review %s: %#.", (_, given, result) => {
  const { fork, ref, ...more }: Readonly<Record<string, string>> = given;
  const review = { state: "approved", author_association: "OWNER", ...more };
  const head = { ref: ref ?? "fettle/gate/mail-1", repo: { full_name: fork ?? REPOSITORY } };
  const event = { review, pull_request: { head } };
  const ran = runWorkflow(withoutLocal(workflow("fettle-command.yml")), {
    github: { event_name: "pull_request_review", repository: REPOSITORY, token: "ghs_x", event },
    actions: { "actions/checkout": () => undefined },
    shell: () => true,
  });

  expect(ran.results).toEqual({ command: result });
});
