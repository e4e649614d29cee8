import { expect, test } from "vitest";
import type { ProgressEvent } from "#runner/core/progress-event.ts";
import { emptyView, reduceProgress, type LiveView } from "#runner/report/progress.ts";
import { logWriter, renderLive } from "#runner/report/progress-text.ts";
import { displayWidth } from "#runner/report/width.ts";
import { gate, look, record, runId } from "./example.ts";
import { dangersIn, hostile } from "./hostile.ts";

const common = { project: "collections", run: runId, pipeline: "chase-invoices" };

function started(item: string | null, at: string): ProgressEvent {
  const step = item === null ? "find" : "draft";
  return { ...common, kind: "step-started", at, step, item, attempt: 1, agent: "writer" };
}

function finished(
  item: string | null,
  at: string,
  changes: Partial<Extract<ProgressEvent, { kind: "step-finished" }>> = {},
): ProgressEvent {
  return {
    ...common,
    kind: "step-finished",
    at,
    step: item === null ? "find" : "draft",
    item,
    attempt: 1,
    agent: "writer",
    version: "1.0.0",
    outcome: "succeeded",
    reason: "",
    costMicros: 20_000,
    ms: 1000,
    effect: null,
    pending: [],
    ...changes,
  };
}

const opened: ProgressEvent = {
  kind: "gate-opened",
  at: "2026-11-22T08:14:00.000Z",
  project: "collections",
  run: runId,
  step: "review",
  gate: gate.id,
  items: 2,
  risk: 78,
};

const events: readonly ProgressEvent[] = [
  {
    ...common,
    kind: "run-started",
    at: "2026-11-22T08:13:00.000Z",
    trigger: record.trigger,
    cursor: {},
  },
  started(null, "2026-11-22T08:13:01.000Z"),
  finished(null, "2026-11-22T08:13:15.000Z", { costMicros: 0 }),
  started("INV-1", "2026-11-22T08:13:16.000Z"),
  started("INV-2", "2026-11-22T08:13:16.000Z"),
  started("INV-3", "2026-11-22T08:13:16.000Z"),
  finished("INV-1", "2026-11-22T08:13:40.000Z"),
];

function viewOf(list: readonly ProgressEvent[]): LiveView {
  return list.reduce(reduceProgress, emptyView);
}

function screen(list: readonly ProgressEvent[], width = 80): string[] {
  return renderLive(viewOf(list), { ...look, width }, { frame: 2, rows: 24 });
}

test("the live view shows each step, what runs now and the money", () => {
  expect(screen(events)).toEqual([
    `${runId}  collections · 2 min · 0.02 USD`,
    "  ✓ find           14 s",
    "  ⠹ draft          1 min 44 s    0.02 USD  2 running",
    "0.02 USD · Ctrl-C: stop; reconcile goes on from there",
  ]);
});

test("a failure tells its reason, a gate whom it waits for", () => {
  const failed = finished("INV-2", "2026-11-22T08:13:50.000Z", {
    outcome: "timeout",
    reason: "2 min",
  });
  const last = finished("INV-3", "2026-11-22T08:13:52.000Z");

  const lines = screen([...events, failed, last, opened]);

  expect(lines[2]).toBe("  ✗ draft          36 s          0.06 USD  2 done, 1 failed");
  expect(lines[3]).toBe("  ◷ review         1 min         waits for you");
});

test("a wait that is over counts from its beginning", () => {
  const instants = { since: "2026-11-22T08:03:00.000Z", until: look.now, at: look.now };
  const said = {
    step: "pause",
    ...instants,
    outcome: "timeout",
    reason: "it did not come",
  } as const;
  const ended: ProgressEvent = { ...common, kind: "wait-ended", ...said };

  expect(screen([...events, ended]).find((line) => line.includes("pause"))).toMatch(
    /✗ pause +12 min +1 failed +it did not come$/,
  );
});

test("a run that ended is one line", () => {
  const end: ProgressEvent = {
    ...common,
    kind: "run-finished",
    at: look.now,
    result: "succeeded",
    reason: "",
    outputs: {},
    serves: [],
    goal: null,
  };

  expect(screen([...events, end])[0]).toBe(`${runId}  collections · 2 min · 0.02 USD · succeeded`);
  expect(screen([...events, end])).toHaveLength(2);
});

test("events about no run leave the view as it is", () => {
  const view = viewOf(events);

  expect(reduceProgress(view, { kind: "project-removed", at: look.now, project: "x" })).toBe(view);
});

test("the view fits the terminal, whatever the names", () => {
  const many = Array.from({ length: 40 }, (_, index): ProgressEvent => ({
    ...common,
    kind: "step-started",
    at: "2026-11-22T08:13:01.000Z",
    run: `run-${index}`,
    step: `${hostile}日本語日本語日本語日本語`,
    item: null,
    attempt: 1,
    agent: "writer",
  }));

  const lines = renderLive(viewOf(many), { ...look, width: 40 }, { frame: 0, rows: 12 });

  expect(lines).toHaveLength(12);
  for (const line of lines) expect(displayWidth(line)).toBeLessThan(40);
  expect(dangersIn(lines.join("\n"))).toEqual([]);
});

test.each([
  [events[0], `run ${runId} started`],
  [events[3], `${runId} draft [INV-1] started, attempt 1`],
  [events[6], `${runId} draft [INV-1] succeeded (0.02 USD)`],
  [opened, `${runId} review waits for you: fettle approve ${gate.id}`],
  [
    events[3]?.kind === "step-started" ? { ...events[3], iteration: 2 } : undefined,
    `${runId} draft [INV-1] started, iteration 2, attempt 1`,
  ],
  [
    events[6]?.kind === "step-finished"
      ? { ...events[6], kind: "result-overtaken" as const }
      : undefined,
    `${runId} draft [INV-1] succeeded here, but too late: another runner had gone on without it (fettle explain ${runId})`,
  ],
])("where nothing can be redrawn, an event is one line with its time", (event, words) => {
  expect(event).toBeDefined();
  if (event === undefined) return;
  expect(logWriter(look)(event)).toEqual([`${event.at} collections: ${words}`]);
});

test.each([
  [[runId], `laptop works on ${runId}`],
  [[], "laptop works on nothing any more"],
])("what belongs to no project is told of none: %j", (runs, words) => {
  const at = "2026-11-22T08:13:01.000Z";
  const claim = { kind: "work-claimed", at, project: "", runner: "laptop", runs } as const;

  expect(logWriter(look)({ ...claim, fence: 1, expires: at })).toEqual([`${at} ${words}`]);
});

test("a hostile reason stays on the line of its event", () => {
  const [line = ""] = logWriter(look)(
    finished("INV-1", look.now, { outcome: "crashed", reason: hostile }),
  );

  expect(line).not.toContain("\n");
  expect(dangersIn(line)).toEqual([]);
});

test("a model that was passed over is not said to have failed", () => {
  const degraded = "model default: passed over: the workspace has used 1 USD of 1 USD per day";

  const lines = logWriter(look)(finished("INV-1", look.now, { degraded }));

  expect(lines[1]).toContain("model default was passed over: done on a lower rung of the ladder");
});

test("why the items of a step are degraded is told once, in short", () => {
  const degraded =
    "model default: gpt-9 is paid; model small: connect ECONNREFUSED 127.0.0.1:11434";
  const items = ["INV-1", "INV-2", "INV-3"].map((item) => finished(item, look.now, { degraded }));

  const lines = items.flatMap(logWriter(look)).map((line) => line.split("collections: ")[1]);
  const verbose = items.flatMap(logWriter({ ...look, verbose: true }));

  expect(lines).toEqual([
    `${runId} draft [INV-1] succeeded (0.02 USD)`,
    `model default gave nothing: done on a lower rung of the ladder (fettle explain ${runId}/draft says more)`,
    `${runId} draft [INV-2] succeeded (0.02 USD)`,
    `${runId} draft [INV-3] succeeded (0.02 USD)`,
  ]);
  expect(verbose).toHaveLength(3);
  for (const line of verbose) expect(line).toContain(`degraded: ${degraded}`);
});
