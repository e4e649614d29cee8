import { expect, test } from "vitest";
import { explain, type Explained } from "#runner/core/explain/explain.ts";
import { subjectText, type Known } from "#runner/core/explanation.ts";
import {
  attempt,
  closedRun,
  decision,
  gate,
  openRun,
  project,
  runId,
  workspace,
} from "../report/example.ts";
import { observed } from "../report/example-observed.ts";
import { undoBase } from "#runner/core/effect.ts";
import { cite, waited } from "../support/core-records.ts";
import { emptyPlan, plan } from "../report/example-plan.ts";

const sent = attempt({
  run: closedRun.run.id,
  step: "send",
  agent: "mailer",
  effect: { key: "k", base: "b", ordinal: 1, onceKey: "reminder/INV-1" },
});
const closedWithMail = { ...closedRun, attempts: [...closedRun.attempts, sent] };
const known: Known = {
  workspace: { ...workspace, invalid: new Map([["broken", "project.yaml:1:1 no summary"]]) },
  observed,
  plan,
  closed: new Map([[closedWithMail.run.id, closedWithMail]]),
};

function titleOf(explained: Explained): string {
  return explained.kind === "explained" ? explained.explanation.title : explained.kind;
}

test.each([
  [runId, `run ${runId}`],
  [closedRun.run.id, `run ${closedRun.run.id}`],
  [runId.slice(0, -4), `run ${runId}`],
  [`run:${runId}`, `run ${runId}`],
  [`${runId}/send`, `step send of ${runId}`],
  [`${runId} send`, `step send of ${runId}`],
  ["chase-invoices.k3/send", `step send of ${runId}`],
  ["chase-invoices/draft", `step draft of ${runId}`],
  [`${runId}/draft[INV-2]`, `step draft[INV-2] of ${runId}`],
  [`${runId} draft [INV-2]`, `step draft[INV-2] of ${runId}`],
  ["reminder/INV-1", "effect reminder/INV-1"],
  [gate.id, `gate ${gate.id}`],
  [gate.branch, `gate ${gate.id}`],
  [`origin/${gate.branch}`, `gate ${gate.id}`],
  [gate.id.slice(0, -3), `gate ${gate.id}`],
  [decision.gate ?? "", `gate ${decision.gate ?? ""}`],
  ["collections", "project collections"],
  ["reminder-writer", "agent reminder-writer 2.1.0"],
  ["broken", "project broken"],
  ["chase-invoices", "pipeline chase-invoices of collections"],
  ["collections/chase-invoices", "pipeline chase-invoices of collections"],
  ["chase", "pipeline chase-invoices of collections"],
  ["goal:collections/no-silent-overdue", "goal no-silent-overdue of collections"],
  ["nothing-like-it", "unknown"],
])("%s is explained as %s", (thing, title) => {
  expect(titleOf(explain(thing, known))).toBe(title);
});

test("a repeated step tells its iterations beside its attempts", () => {
  const { id: run } = closedRun.run;
  const attempts = [1, 1, 2].map((iteration, index) =>
    attempt({ run, step: "polish", item: null, attempt: index + 1, iteration }),
  );
  const closed = new Map([[run, { ...closedRun, attempts }]]);

  const explained = explain(`${run}/polish`, { ...known, closed });

  const { sections = [] } = explained.kind === "explained" ? explained.explanation : {};
  const facts = sections.find(({ title }) => title === "what it cost")?.facts ?? [];
  expect(facts.filter(({ label }) => /iterations|attempts/u.test(label))).toMatchObject([
    { label: "iterations", text: "2" },
    { label: "attempts", text: "3" },
  ]);
});

test("a wait that is over is explained by how long it was", () => {
  const waits = [waited("pause", { run: closedRun.run.id })];
  const closed = new Map([[closedRun.run.id, { ...closedRun, waits }]]);

  const explained = explain(`${closedRun.run.id}/pause`, { ...known, closed });

  expect(explained).toMatchObject({
    explanation: {
      summary: "it waited 1h",
      sections: [
        { title: "why it ran" },
        {
          title: "how it waited",
          facts: [
            { label: "outcome", text: "succeeded" },
            { label: "since", at: "2026-11-22T09:02:00.000Z" },
            { label: "until", at: "2026-11-22T10:02:00.000Z" },
            { label: "seen", at: "2026-11-22T10:02:00.001Z" },
          ],
        },
        { title: "decisions" },
        { title: "what is next" },
      ],
    },
  });
});

test("what a step has saved is told with what is next", () => {
  const saved = {
    run: runId,
    step: "draft",
    item: "INV-1",
    attempt: 2,
    key: "k",
    savedAt: "2026-11-22T09:02:00.000Z",
    checkpoints: { page: cite(1), seen: cite(2) },
  };
  const run = { ...openRun, checkpoints: [saved] };
  const runs = new Map([[runId, run]]);

  const told = (thing: string): string =>
    JSON.stringify(explain(thing, { ...known, observed: { ...observed, runs } }));

  expect(told(`${runId}/draft`)).toContain(
    "INV-1: page, seen, by attempt 2; the next one goes on from there",
  );
  expect(told(`${runId}/find`)).not.toContain("the next one goes on");
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

test("a start that several things share is not guessed", () => {
  const twin = { ...closedRun, run: { ...closedRun.run, id: "chase-invoices.a1zzzzzzzzzz" } };

  const explained = explain("chase-invoices.a1", {
    ...known,
    closed: new Map([...known.closed, [twin.run.id, twin]]),
  });

  expect(explained).toEqual({
    kind: "ambiguous",
    candidates: expect.arrayContaining([closedRun.run.id, twin.run.id]),
  });
});

test.each([
  ["invoices", expect.arrayContaining(["pipeline:collections/chase-invoices"])],
  ["colections", ["collections"]],
  ["chase-invoices/drfat", [`${runId}/draft`]],
  ["zzzzzzzzzzzz", []],
])("%s is unknown, and what is near to it is named", (thing, near) => {
  expect(explain(thing, known)).toEqual({ kind: "unknown", near });
});

test("what had nothing to do, was edited or was left out is named", () => {
  const noop = attempt({
    step: "send",
    item: "INV-1",
    outcome: "noop",
    reason: "done on 2026-11-20",
  });
  const items = (["edited", "rejected", "approved"] as const).map((word, index) => ({
    show: "reminders",
    key: `INV-${index}`,
    step: "draft",
    digest: "d",
    decision: word,
    blob: null,
    input: null,
    outputs: { digest: "d", month: "2026-11" },
  }));
  const run = { ...closedRun, attempts: [noop], gates: [{ ...decision, items }] };
  const after = { ...known, closed: new Map([[run.run.id, run]]) };

  const told = JSON.stringify(explain(run.run.id, after));

  expect(told).toContain("1 noop: done on 2026-11-20");
  expect(told).toContain("edited INV-0; rejected INV-1");
  expect(JSON.stringify(explain(decision.gate ?? "", after))).toMatch(/"edited","text":"INV-0"/u);
  expect(JSON.stringify(explain(`${run.run.id}/send`, after))).toContain("INV-1: done on");
});

test("what was handed to other runs is named with them, and such a run says who waits for it", () => {
  const trigger = { kind: "pipeline" as const, run: closedRun.run.id, step: "each", item: "m1" };
  const child = { ...closedRun, run: { ...closedRun.run, id: "answer.aaaaaaaaaaaa", trigger } };
  const end = { step: "each", item: "m1", run: child.run.id } as const;
  const run = {
    ...closedRun,
    children: [
      { ...end, outcome: "succeeded" as const, result: "succeeded" as const },
      {
        ...end,
        item: "m0",
        run: "answer.bbbbbbbbbbbb",
        outcome: "noop" as const,
        result: "failed" as const,
      },
    ],
  };
  const after = { ...known, closed: new Map([run, child].map((one) => [one.run.id, one])) };
  const told = (thing: string): string => JSON.stringify(explain(thing, after));

  expect(told(run.run.id)).toContain(
    "1 succeeded, 1 noop: in answer.aaaaaaaaaaaa, answer.bbbbbbbbbbbb",
  );
  expect(told(`${run.run.id}/each`)).toContain("answer.bbbbbbbbbbbb: it was handled there before");
  expect(told(child.run.id)).toContain(`step each of ${run.run.id}, item m1`);
});

test("the last run of a pipeline that other runs start is told too, and the newest of all counts", () => {
  const trigger = { kind: "pipeline" as const, run: runId, step: "each", item: "m1" };
  const base = { ...closedRun.run, pipeline: "chase-invoices", trigger };
  const child = { ...closedRun, run: { ...base, id: "chase-invoices.bbbbbbbbbbbb" } };
  const lastOf = (endedAt: string): string => {
    const runs = [closedRun, { ...child, endedAt }];
    const closed = new Map(runs.map((one) => [one.run.id, one]));
    return JSON.stringify(explain("pipeline:collections/chase-invoices", { ...known, closed }));
  };

  expect(lastOf("2027-01-01T00:00:00.000Z")).toContain(`"last run","text":"${child.run.id}"`);
  expect(lastOf("2020-01-01T00:00:00.000Z")).not.toContain(`"last run","text":"${child.run.id}"`);
});

test("a result that was taken over is told with the run that it was made in", () => {
  const keptFrom = { run: "chase-invoices.aaaaaaaaaaaa", attempt: 1 };
  const run = { ...closedRun, attempts: [attempt({ step: "draft", item: "INV-1", keptFrom })] };
  const after = { ...known, closed: new Map([[run.run.id, run]]) };

  expect(JSON.stringify(explain(`${run.run.id}/draft`, after))).toContain(
    '"taken over from","text":"chase-invoices.aaaaaaaaaaaa"',
  );
});

test("where the plan holds nothing, the next look is told", () => {
  const idle = { ...emptyPlan, nextWake: "2026-11-22T11:15:00.000Z" };

  const explained = explain("chase-invoices", { ...known, plan: idle });

  expect(explained).toMatchObject({
    explanation: {
      sections: expect.arrayContaining([
        {
          title: "what is next",
          facts: expect.arrayContaining([
            { kind: "text", label: "nothing", text: "no action is due now" },
            { kind: "instant", label: "next look", at: "2026-11-22T11:15:00.000Z" },
          ]),
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

test.each([
  ["succeeded", /; undone afterwards$/u],
  ["timeout", /^succeeded(?!.*undone)/u],
] as const)("an effect whose undoing %s says so", (outcome, summary) => {
  const { effect, run } = sent;
  if (effect === undefined) throw new Error("no effect");
  const undo = { key: "u", base: undoBase(effect), ordinal: 1, onceKey: "undo/mailer/reminder/1" };
  const undoing = attempt({ run, step: "send-undo", agent: "caller", outcome, effect: undo });
  const attempts = [...closedWithMail.attempts, undoing];
  const closed = new Map([[run, { ...closedRun, attempts }]]);

  const explained = explain("reminder/INV-1", { ...known, closed });

  expect(explained).toMatchObject({
    explanation: {
      summary: expect.stringMatching(summary),
      sections: [
        {
          facts: expect.arrayContaining([
            expect.objectContaining({ label: "undoing", text: expect.stringContaining(outcome) }),
          ]),
        },
        {},
      ],
    },
  });
});

test("a step of today's pipeline that did nothing in a run that has ended is known", () => {
  const idle = { ...closedRun, attempts: [], decisions: [] };
  const closed = new Map([[idle.run.id, idle]]);

  expect(explain(`${idle.run.id}/draft`, { ...known, closed })).toMatchObject({
    explanation: { summary: expect.stringMatching(/^did nothing: it was skipped/u) },
  });
});
