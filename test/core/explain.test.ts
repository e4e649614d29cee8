import { expect, test } from "vitest";
import { explain, type Explained } from "#runner/core/explain.ts";
import { subjectText, type Known } from "#runner/core/explanation.ts";
import { closedRun, decision, gate, project, runId, workspace } from "../report/example.ts";
import { observed } from "../report/example-observed.ts";
import { emptyPlan, plan } from "../report/example-plan.ts";

const known: Known = {
  workspace,
  observed,
  plan,
  closed: new Map([[closedRun.run.id, closedRun]]),
};

function titleOf(explained: Explained): string {
  return explained.kind === "explained" ? explained.explanation.title : explained.kind;
}

test.each([
  [runId, `run ${runId}`],
  [closedRun.run.id, `run ${closedRun.run.id}`],
  [`${runId}/send`, `step send of ${runId}`],
  [gate.id, `gate ${gate.id}`],
  [decision.gate ?? "", `gate ${decision.gate ?? ""}`],
  ["chase-invoices", "pipeline chase-invoices of collections"],
  ["collections/chase-invoices", "pipeline chase-invoices of collections"],
  ["goal:collections/no-silent-overdue", "goal no-silent-overdue of collections"],
  ["nothing-like-it", "unknown"],
])("%s is explained as %s", (thing, title) => {
  expect(titleOf(explain(thing, known))).toBe(title);
});

test("a name that means two things is not guessed", () => {
  const other = { ...project, name: "sales" };
  const projects = new Map([...workspace.projects, ["sales", other]]);

  const explained = explain("chase-invoices", { ...known, workspace: { ...workspace, projects } });

  expect(explained).toEqual({
    kind: "ambiguous",
    candidates: ["pipeline:collections/chase-invoices", "pipeline:sales/chase-invoices"],
  });
});

test("a run that is open and read as closed too is explained once, as open", () => {
  const closed = new Map([[runId, { ...closedRun, run: { ...closedRun.run, id: runId } }]]);

  const explained = explain(runId, { ...known, closed });

  expect(explained).toMatchObject({
    explanation: { summary: "waits for you: Send the reminders" },
  });
});

test("where the plan holds nothing, the next look is told", () => {
  const idle = { ...emptyPlan, nextWake: "2026-11-22T11:15:00.000Z" };

  const explained = explain("chase-invoices", { ...known, plan: idle });

  expect(explained).toMatchObject({
    explanation: {
      sections: expect.arrayContaining([
        {
          title: "what is next",
          facts: [
            { kind: "text", label: "nothing", text: "no action is due now" },
            { kind: "instant", label: "next look", at: "2026-11-22T11:15:00.000Z" },
          ],
        },
      ]),
    },
  });
});

test("a suspended project says where that is written", () => {
  const manifest = { ...project.manifest, suspend: true };
  const projects = new Map([["collections", { ...project, manifest }]]);

  const explained = explain("no-silent-overdue", {
    ...known,
    workspace: { ...workspace, projects },
  });

  expect(JSON.stringify(explained)).toContain("suspend: true in projects/collections/project.yaml");
});

test.each([
  ["step:run.1/send", "step send of run.1"],
  ["gate:g1", "gate g1"],
  ["project", "project"],
])("the subject %s reads %s", (subject, words) => {
  expect(subjectText(subject)).toBe(words);
});
