import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { renderStatus } from "#runner/report/status-text.ts";
import { gate, look, runId, workspace } from "./example.ts";
import { dangersIn, hostile } from "./hostile.ts";
import { live, nothingObserved, observed, observedGate } from "./example-observed.ts";
import { emptyPlan, gateSettle, plan } from "./example-plan.ts";
import type { Hold } from "#runner/core/action.ts";
import type { Observed } from "#runner/core/model.ts";
import type { LiveProject } from "#runner/schema/types.gen.ts";

function withLive(changes: Partial<LiveProject>): Observed {
  const projects = new Map([["collections", { ...live, ...changes }]]);
  return { ...nothingObserved, summaries: { ...observed.summaries, projects } };
}

test("what needs a person comes first, with the commands to look and to answer", () => {
  expect(renderStatus({ workspace, observed, plan }, look)).toMatchInlineSnapshot(`
    "northwind · 3 actions due (fettle plan) · next wake in 3 h

    NEEDS YOU (1)
      ◷ Send the reminders
        collections · high risk 78 · 2 items · waits 12 min · answer in 1 d 23 h,
        else rejected
        look     git diff main...fettle/gate/chase-invoices-4f8k2m1q
        approve  fettle approve chase-invoices-4f8k2m1q
        reject   fettle reject chase-invoices-4f8k2m1q --reason "..."

    NEEDS YOUR WORD (1)
      step send of chase-invoices.k3f9q2m7x0aa in collections
        it sends what you approve
        unblock: fettle approve chase-invoices-4f8k2m1q
        next look in 1 d 23 h

    PROJECT      GOAL               STANDS        LAST RUN   STATE      THIS MONTH
    collections  no-silent-overdue  ✗ not met: 9  3 min ago  ◷ waiting  0.42/10 USD

    HELD
      pipeline chase-invoices in collections
        one run at a time, and one is open
    "
  `);
});

test("an empty workspace is told what to do next", () => {
  const empty = { ...workspace, projects: new Map() };

  const text = renderStatus({ workspace: empty, observed: nothingObserved, plan: emptyPlan }, look);

  expect(text).toMatchInlineSnapshot(`
    "northwind · in step with main

    No projects yet. Next:
      fettle try        see a small company at work in a folder of its own
      fettle init       write a workspace here
      fettle validate   check projects/<name>/project.yaml when you have written one
    "
  `);
});

test("an effect that may have happened is shown with the ways to settle it, its run being over or not", () => {
  const doubt = {
    base: "sha256:b",
    ordinal: 1,
    onceKey: "reminder/INV-1",
    agent: "mailer",
    run: runId,
    step: "send",
    item: null,
    since: look.now,
    reason: "the runner died while it sent",
  };

  const text = renderStatus(
    { workspace, observed: withLive({ openRuns: [], uncertain: [doubt] }), plan: emptyPlan },
    look,
  );

  expect(text).toContain("UNCERTAIN (1)\n  ! reminder/INV-1");
  expect(text).toContain("the runner died while it sent");
  expect(text).toContain("fettle answer reminder/INV-1 happened");
  expect(text).toContain("it did not fettle answer reminder/INV-1 did-not");
});

test("other runners that are at work are named, those whose claim has run out are not", () => {
  const claim = { since: look.now, fence: 1, runs: [runId] };
  const runners = [
    { ...claim, runner: "laptop", expires: "2999-01-01T00:00:00.000Z" },
    { ...claim, runner: "gone", expires: "2000-01-01T00:00:00.000Z" },
    { ...claim, runner: "local", expires: "2999-01-01T00:00:00.000Z" },
  ];

  const text = renderStatus(
    { workspace, observed: { ...observed, runners }, plan: emptyPlan },
    look,
  );

  expect(text).toMatch(
    new RegExp(
      `AT WORK\n  laptop works on ${runId.replace(".", "[.]")}, claimed for \\d+ d.* more\n`,
    ),
  );
  expect(text).not.toMatch(/gone works|local works/);
});

test("a stalled project says why, and whether a good version is in force", () => {
  const invalid = new Map([
    ["collections", "project.yaml:3:1 unknown key"],
    ["brief", "project.yaml:1:1 no summary"],
  ]);

  const text = renderStatus(
    { workspace: { ...workspace, invalid }, observed: withLive({ openRuns: [] }), plan: emptyPlan },
    look,
  );

  expect(text).toContain(
    "STALLED\n  ✗ collections keeps its last good version\n    project.yaml:3:1",
  );
  expect(text).toContain("  ✗ brief has no good version yet");
});

test.each([
  ["stalled", { stalled: { commit: "c", reason: "bad", since: look.now } }, "✗ stalled"],
  ["running", {}, "◷ running"],
  ["at rest", { openRuns: [] }, "! degraded"],
  ["new", { openRuns: [], pipelines: {} }, "· new"],
])("a project that is %s says so in a word", (_, changes, word) => {
  const text = renderStatus({ workspace, observed: withLive(changes), plan: emptyPlan }, look);

  expect(text.split("\n").find((line) => line.startsWith("collections"))).toContain(word);
});

test("the most urgent gate comes first", () => {
  const gates = new Map([
    [
      "a",
      observedGate({
        id: "a",
        title: "whenever",
        answerBy: null,
        risk: { score: 99, factors: [] },
      }),
    ],
    ["b", observedGate({ id: "b", title: "tomorrow", answerBy: "2026-11-23T00:00:00.000Z" })],
    ["c", observedGate({ id: "c", title: "today", answerBy: "2026-11-22T12:00:00.000Z" })],
  ]);

  const text = renderStatus({ workspace, observed: { ...observed, gates }, plan: emptyPlan }, look);

  const places = ["today", "tomorrow", "whenever"].map((title) => text.indexOf(title));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test("a hostile title and a hostile reason cannot draw on the terminal", () => {
  const gates = new Map([[gate.id, observedGate({ title: hostile, problem: hostile })]]);

  const text = renderStatus(
    { workspace, observed: { ...observed, gates }, plan },
    { ...look, color: true },
  );

  expect(text).toContain("\u001b[33mNEEDS YOU");
  expect(dangersIn(stripVTControlCharacters(text))).toEqual([]);
});

test("an ASCII terminal gets ASCII only", () => {
  expect(renderStatus({ workspace, observed, plan }, { ...look, ascii: true })).toMatch(
    /^[\n -~]*$/u,
  );
});

test("what is answered and not carried out yet asks for no answer again", () => {
  const answered = {
    ...emptyPlan,
    actions: [gateSettle("approved"), gateSettle("rejected", "g2")],
  };
  const gates = new Map([
    [gate.id, observedGate()],
    ["g2", observedGate({ id: "g2", title: "Publish the notes" })],
  ]);

  const text = renderStatus({ workspace, observed: { ...observed, gates }, plan: answered }, look);

  expect(text).toContain(`ANSWERED (2)
  ✓ Send the reminders
    approved by ada@northwind.example: goes on with fettle reconcile
  · Publish the notes
    rejected by ada@northwind.example: goes on with fettle reconcile
`);
  expect(text).not.toMatch(/NEEDS YOU|fettle approve|waiting/u);
});

test("an invalid project is told once", () => {
  const reason = "project.yaml:3:1 unknown key";
  const hold: Hold = {
    project: "collections",
    subject: "project",
    reason: "invalid",
    why: reason,
    unblock: "fettle validate",
    until: null,
  };
  const invalid = new Map([["collections", reason]]);

  const text = renderStatus(
    {
      workspace: { ...workspace, invalid },
      observed: withLive({ openRuns: [] }),
      plan: { ...emptyPlan, holds: [hold] },
    },
    look,
  );

  expect(text.split(reason)).toHaveLength(2);
  expect(text).not.toContain("HELD");
});

/** A hold until so many seconds of one minute. */
function heldUntil(seconds: string): Hold {
  return {
    project: "collections",
    subject: `step:${runId}/draft`,
    reason: "retry-wait",
    why: `attempt 1 ended rate-limited: asked to wait until 2026-11-22T12:30:${seconds}Z`,
    unblock: "",
    until: `2026-11-22T12:30:${seconds}.000Z`,
  };
}

test("items that wait for instants of the same minute are told once, with the first of them", () => {
  const holds = [
    heldUntil("17"),
    heldUntil("02"),
    { ...heldUntil("40"), why: "for another reason" },
  ];

  const text = renderStatus({ workspace, observed, plan: { ...emptyPlan, holds } }, look);

  expect(text.match(/step draft of/gu)).toHaveLength(2);
  expect(text).toContain("2 items");
  expect(text).toContain("asked to wait until 2026-11-22T12:30:02Z");
});

test.each([
  ["budget-exceeded", "held"],
  ["queued", "queued"],
] as const)("a project whose run stands still (%s) does not run", (reason, word) => {
  const hold: Hold = {
    project: "collections",
    subject: `step:${runId}/draft`,
    reason,
    why: "the day is used up",
    unblock: "",
    until: null,
  };
  const alone = { ...observed, gates: new Map() };

  const text = renderStatus(
    { workspace, observed: alone, plan: { ...emptyPlan, holds: [hold] } },
    look,
  );

  expect(text).toMatch(new RegExp(`collections .* ${word}`, "u"));
  expect(text).not.toContain("running");
});

test("a merge that does not count is told at its gate, with what makes it count", () => {
  const hold: Hold = {
    project: "collections",
    subject: `step:${runId}/review`,
    reason: "approval-unproven",
    why: "eve brought it to main",
    unblock: "add a line with your reason",
    until: null,
  };

  const text = renderStatus({ workspace, observed, plan: { ...emptyPlan, holds: [hold] } }, look);

  expect(text).toContain(`    eve brought it to main
    fix      add a line with your reason
    reject   fettle reject`);
  expect(text).not.toMatch(/fettle approve|HELD/u);
});

test("an approval that came too late is told with what to do", () => {
  const late = [
    {
      project: "collections",
      run: runId,
      step: "review",
      gate: "g",
      title: "Send the reminders",
      why: "it was over",
      unblock: "fettle run collections/chase-invoices, which asks again",
    },
  ];

  const text = renderStatus({ workspace, observed: nothingObserved, plan: emptyPlan, late }, look);

  expect(text).toContain(`APPROVED TOO LATE (1)
  ! Send the reminders ${runId}
    it was over
    now      fettle run collections/chase-invoices, which asks again
`);
});

test("what holds a whole project names it", () => {
  const hold: Hold = {
    project: "collections",
    subject: "project",
    reason: "stopped",
    why: "stopped by ada",
    unblock: "fettle start",
    until: null,
  };

  const text = renderStatus({ workspace, observed, plan: { ...emptyPlan, holds: [hold] } }, look);

  expect(text).toContain("HELD\n  project collections\n    stopped by ada\n");
});

test("what was done by an approval that was taken back since is told with what shows it", () => {
  const effect = { onceKey: "payment/1", step: "pay", state: "open", how: "refunder", told: [] };
  const withdrawn = [
    {
      project: "collections",
      run: runId,
      title: "Pay Ann",
      effects: [{ ...effect, state: "open" as const }],
    },
  ];

  const text = renderStatus(
    { workspace, observed: nothingObserved, plan: emptyPlan, withdrawn },
    { ...look, width: 200 },
  );

  expect(text).toContain(`TAKEN BACK AFTERWARDS (1)
  ! Pay Ann ${runId}
    the approval was taken back after it had been carried out; can be undone: payment/1
    look     fettle undo ${runId}
`);
});
