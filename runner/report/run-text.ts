/** Runs as a list, one run as a timeline. */
import { callWords, pricesOf } from "#runner/core/call-words.ts";
import { costOf } from "#runner/core/money/cost.ts";
import { paragraph, printLines, toned, type Line, type Piece } from "./lines.ts";
import { signsOf, type Look, type Signs, type Tone } from "./look.ts";
import { amount, usd, usdAtMost } from "./money.ts";
import { resultPiece } from "./project-table.ts";
import { tableLines } from "./table.ts";
import { elapsed, exactDuration, relativeTime } from "./when.ts";
import { counted, gateCommands } from "./words.ts";
import { answerText, type Answers } from "#runner/core/gate/gate-answer.ts";
import { msBetween } from "#runner/core/time/instant.ts";
import type { LateApproval } from "#runner/core/gate/late-approval.ts";
import type { Hold, Plan } from "#runner/core/action.ts";
import { heldRuns, type Standstill } from "#runner/core/held-run.ts";
import type { RunHistory } from "#runner/core/run-history.ts";
import {
  timelineOf,
  type StepStatus,
  type Timeline,
  type TimelineStep,
} from "#runner/core/timeline.ts";

/** The runs as given, one line each; `still` are those that stand still. */
export function renderRuns(
  runs: readonly RunHistory[],
  look: Look,
  still: ReadonlyMap<string, Standstill> = new Map(),
): string {
  if (runs.length === 0) {
    return printLines([["No runs yet. See what would start: fettle plan"]], look);
  }
  const columns = [
    { title: "RUN" },
    { title: "PROJECT", shrinkTo: 4 },
    { title: "WHY" },
    { title: "AGE" },
    { title: "TOOK" },
    { title: "USD", align: "right" as const },
    { title: "RESULT" },
  ];
  const rows = runs.map((run) => [
    run.record.id,
    run.record.project,
    run.record.trigger.kind,
    elapsed(run.record.startedAt, look.now),
    exactDuration(Math.max(0, msBetween(run.record.startedAt, run.end?.endedAt ?? look.now))),
    amount(costOf(run.attempts)),
    stateOfRun(run, look, still.get(run.record.id)),
  ]);
  return printLines(tableLines({ columns, rows }, look), look);
}

function stateOfRun(run: RunHistory, look: Look, still: Standstill | undefined): Piece {
  if (run.end !== null) return resultPiece(run.end.result, look);
  const { waiting } = signsOf(look);
  if (run.waiting.length > 0) return toned("warn", `${waiting} waiting`);
  return still === undefined
    ? toned("busy", `${waiting} running`)
    : toned("warn", `${waiting} ${still}`);
}

/** What the other columns need at most. */
const columnsBesideBar = 64;

/** What is known of a run beyond its record. */
export interface Ahead extends Pick<Plan, "actions" | "holds"> {
  /** Those that no tick has acted on yet. */
  readonly answers: Answers;
  /** Approvals that count for nothing. */
  readonly late: readonly LateApproval[];
}

const NOTHING_AHEAD: Ahead = { answers: new Map(), actions: [], holds: [], late: [] };

/** The steps of a run with bars, costs and results, and what it waits for. */
export function renderTimeline(run: RunHistory, look: Look, ahead = NOTHING_AHEAD): string {
  const barColumns = Math.max(10, Math.min(48, look.width - columnsBesideBar));
  const timeline = timelineOf(run, look.now, barColumns);
  const { dot } = signsOf(look);
  const still = heldRuns(ahead);
  const head: Line = [
    toned("strong", timeline.run),
    ` ${dot} `,
    stateOfRun(run, look, still.get(timeline.run)),
  ];
  const facts = [
    `began ${relativeTime(timeline.startedAt, look.now)}`,
    exactDuration(timeline.ms),
    usd(timeline.costMicros),
    ...expected(run),
  ].join(` ${dot} `);
  const columns = [
    { title: "STEP", shrinkTo: 10 },
    { title: "TIMELINE" },
    { title: "TIME", align: "right" as const },
    { title: "USD", align: "right" as const },
    { title: "RESULT", shrinkTo: 12 },
  ];
  const rows = timeline.steps.map((step) => [
    step.step,
    toned(toneOf[step.status], barText(step, look).padEnd(barColumns)),
    exactDuration(step.ms),
    amount(step.costMicros),
    toned(toneOf[step.status], resultText(step, look)),
  ]);
  const table = rows.length === 0 ? [["no step has begun"]] : tableLines({ columns, rows }, look);
  const lines = [
    head,
    [toned("dim", facts)],
    ...paragraph(toned("dim", `why: ${run.record.because}`), 0, look),
    [],
    ...table,
  ];
  const notes = [
    ...notesOf(run, timeline, ahead.answers),
    ...lateNotes(run, ahead.late),
    ...waitNotes(run, ahead.holds, look),
    ...(look.verbose ? callNotes(run) : []),
  ];
  const below =
    notes.length === 0 ? [] : [[], ...notes.flatMap((note) => paragraph(note, 0, look))];
  return printLines([...lines, ...below], look);
}

function expected({ record: { forecast } }: RunHistory): string[] {
  if (forecast === undefined) return [];
  const { micros, highMicros, costFrom } = forecast;
  return [
    costFrom === "limits"
      ? `forecast was at most ${usdAtMost(highMicros)}`
      : `forecast was ${usd(micros)} to ${usdAtMost(highMicros)}`,
  ];
}

function notesOf(run: RunHistory, timeline: Timeline, answers: Answers): string[] {
  return [
    ...timeline.steps.flatMap(({ step, degraded }) =>
      degraded === null ? [] : [`${step} degraded: ${degraded}`],
    ),
    ...run.decisions.flatMap((made) => [
      `${made.step} ${made.decision} by ${made.by}: ${made.reason}`,
    ]),
    ...run.waiting.map((gate) => {
      const answer = answers.get(gate.id);
      return answer === undefined
        ? `${gate.step} waits: ${gateCommands(gate).approve}`
        : `${gate.step} ${answerText(answer)}`;
    }),
    ...(run.end === null || run.end.reason === "" ? [] : [`end: ${run.end.reason}`]),
  ];
}

/** Every request to a model, by step and item. */
function callNotes({ attempts }: RunHistory): string[] {
  return [
    ...callWords(attempts).map(({ of, text }) => `${of} asked a model: ${text}`),
    ...pricesOf(attempts).map((digest) => `prices ${digest}`),
  ];
}

function lateNotes({ record }: RunHistory, late: readonly LateApproval[]): string[] {
  return late
    .filter(({ run }) => run === record.id)
    .map(({ step, why, unblock }) => `${step} approved too late: ${why}; ${unblock}`);
}

/** `pause: it waits 3d, over in 2 d`. */
function waitNotes({ record }: RunHistory, holds: readonly Hold[], { now }: Look): string[] {
  const start = `step:${record.id}/`;
  const waits = holds.filter(
    ({ reason, subject }) => reason === "waiting" && subject.startsWith(start),
  );
  return waits.map(({ subject, why, until }) => {
    const next = until === null ? "" : `, next look ${relativeTime(until, now)}`;
    return `${subject.slice(start.length)}: ${why}${next}`;
  });
}

const toneOf: Readonly<Record<StepStatus, Tone>> = {
  done: "good",
  failed: "bad",
  uncertain: "bad",
  running: "busy",
  retrying: "warn",
  waiting: "warn",
  skipped: "dim",
};

const signOf: Readonly<Record<StepStatus, Exclude<keyof Signs, "spinner">>> = {
  done: "ok",
  failed: "failed",
  uncertain: "attention",
  running: "waiting",
  retrying: "waiting",
  waiting: "waiting",
  skipped: "idle",
};

function barText({ bar }: TimelineStep, look: Look): string {
  return `${" ".repeat(bar.from)}${signsOf(look).bar.repeat(bar.length)}`;
}

/** "✓ 9 succeeded, 1 noop · degraded", "◷ waits for you". */
function resultText(step: TimelineStep, look: Look): string {
  const signs = signsOf(look);
  const words = step.results.map(({ word, count }) =>
    step.items === null ? word : `${count} ${word}`,
  );
  const tries = triesText(step);
  const degraded = step.degraded === null || step.status !== "done" ? "" : ` ${signs.dot} degraded`;
  return `${signs[signOf[step.status]]} ${words.join(", ")}${tries}${degraded}`;
}

/** How often it took; the retries of an iteration are not told one by one. */
function triesText({ items, attempts, iterations }: TimelineStep): string {
  if (iterations !== null) return ` after ${counted(iterations, "iteration")}`;
  return items === null && attempts > 1 ? ` after ${attempts} tries` : "";
}
