import { expect, test } from "vitest";
import { historyOfClosed, historyOfOpen } from "#runner/core/run-history.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { renderRuns, renderTimeline } from "#runner/report/run-text.ts";
import { attempt, closedRun, gate, look, now, openRun } from "./example.ts";
import { waited } from "../support/core-records.ts";
import { dangersIn, hostile } from "./hostile.ts";

const open = historyOfOpen(openRun, [gate]);
const closed = historyOfClosed(closedRun);

test("runs are one line each, newest as given", () => {
  expect(renderRuns([open, closed], look)).toMatchInlineSnapshot(`
    "RUN                          PROJECT     WHY   AGE     TOOK      USD  RESULT
    chase-invoices.k3f9q2m7x0aa  collectio…  goal  15 min  15 min  0.012  ◷ waiting
    chase-invoices.a1b2c3d4e5f6  collectio…  goal  15 min  12 min  0.012  ! degraded
    "
  `);
});

test("a run that stands still is held or queued, and does not run", () => {
  const alone = historyOfOpen(openRun, []);
  const { id } = openRun.record;

  expect(renderRuns([alone], look)).toMatch(/running\n$/u);
  expect(renderRuns([alone], look, new Map([[id, "queued"]]))).toMatch(/queued\n$/u);
  const hold = {
    project: "collections",
    subject: `step:${id}/draft`,
    reason: "budget-exceeded" as const,
    why: "the day is used up",
    unblock: "",
    until: null,
  };
  const ahead = { answers: new Map(), actions: [], holds: [hold], late: [] };
  expect(renderTimeline(alone, look, ahead)).toMatch(/^.* held\n/u);
});

test("without runs the list says what to do", () => {
  expect(renderRuns([], look)).toBe("No runs yet. See what would start: fettle plan\n");
});

test("the timeline of an open run ends at the gate that waits", () => {
  expect(renderTimeline(open, look)).toMatchInlineSnapshot(`
    "chase-invoices.k3f9q2m7x0aa · ◷ waiting
    began 15 min ago · 15 min · 0.012 USD
    why: goal no-silent-overdue is not met: 9, at most 0

    STEP    TIMELINE                TIME    USD  RESULT
    find    █                       14 s   0.00  ✓ succeeded
    draft   ███               2 min 39 s  0.012  ✗ 2 succeeded, 1 schema-invalid
    review     █████████████      12 min   0.00  ◷ waits for you

    draft degraded: model default: no key ANTHROPIC_API_KEY
    review waits: fettle approve chase-invoices-4f8k2m1q
    "
  `);
});

test("the timeline of a closed run tells the decisions and the end", () => {
  expect(renderTimeline(closed, look)).toMatchInlineSnapshot(`
    "chase-invoices.a1b2c3d4e5f6 · ! degraded
    began 15 min ago · 12 min · 0.012 USD
    why: goal no-silent-overdue is not met: 9, at most 0

    STEP    TIMELINE                TIME    USD  RESULT
    find    █                       14 s   0.00  ✓ succeeded
    draft   ████              2 min 39 s  0.012  ✗ 2 succeeded, 1 schema-invalid
    review               █           0 s   0.00  ✓ approved

    draft degraded: model default: no key ANTHROPIC_API_KEY
    review approved by ada@northwind.example: merged as 77ab0e1
    end: 1 of 3 items failed
    "
  `);
});

test("a repeated step tells how many iterations it took", () => {
  const [first, second] = [1, 2].map((iteration) =>
    attempt({ step: "polish", item: null, attempt: iteration, iteration }),
  );
  const attempts = [first, second].flatMap((one) => one ?? []);

  expect(renderTimeline({ ...open, attempts, waiting: [] }, look)).toMatch(
    /polish .* succeeded after 2 iterations/,
  );
});

test("a wait is told while it lasts, and as a bar when it is over", () => {
  const until = addMs(now, 86_400_000);
  const hold = { project: "collections", unblock: "", until } as const;
  const subject = `step:${openRun.record.id}/pause`;
  const other = { ...hold, subject: "step:other.aaaaaaaaaaaa/pause" };
  const ahead = {
    answers: new Map(),
    actions: [],
    late: [],
    holds: [
      { ...hold, subject, reason: "waiting" as const, why: "it waits 3d" },
      { ...other, reason: "waiting" as const, why: "it waits 9d" },
    ],
  };
  const over = waited("pause", { since: openRun.record.startedAt, at: now });

  const lasting = renderTimeline({ ...open, waiting: [] }, look, ahead);
  const done = renderTimeline({ ...open, waits: [over] }, look);

  expect(lasting).toContain("pause: it waits 3d, next look in 1 d");
  expect(lasting).not.toContain("9d");
  expect(done).toMatch(/pause +█+ .* ✓ waited/);
});

test("an approval that came too late is told at its run", () => {
  const { id: run, project } = openRun.record;
  const facts = {
    step: "review",
    gate: "g",
    title: "Send them",
    why: "it was over",
    unblock: "ask",
  };
  const late = [
    { run, project, ...facts },
    { run: "other.aaaaaaaaaaaa", project, ...facts, why: "another" },
  ];

  const text = renderTimeline(open, look, { answers: new Map(), actions: [], holds: [], late });

  expect(text).toContain("review approved too late: it was over; ask");
  expect(text).not.toContain("another");
});

test("what took less than a second is told in milliseconds", () => {
  const quick = attempt({
    step: "find",
    item: null,
    startedAt: "2026-11-22T08:00:01.000Z",
    finishedAt: "2026-11-22T08:00:01.340Z",
  });

  expect(renderTimeline({ ...open, attempts: [quick], waiting: [] }, look)).toMatch(
    /find .* 340 ms /u,
  );
});

test("a run that has done nothing yet says so", () => {
  expect(renderTimeline({ ...open, attempts: [], waiting: [] }, look)).toContain(
    "no step has begun",
  );
});

test("hostile names do not break the terminal", () => {
  const run = { ...open, attempts: [attempt({ step: hostile, item: null, degraded: hostile })] };

  expect(dangersIn(renderTimeline(run, look))).toEqual([]);
});
