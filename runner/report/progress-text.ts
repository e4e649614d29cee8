/** The live view as lines to redraw, or as one line an event where nothing can be redrawn. */
import { amountsWords } from "#runner/core/money/amount-words.ts";
import { printLine, toned, type Line, type Piece } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { usd } from "./money.ts";
import { terminalText } from "./terminal-text.ts";
import { elapsed } from "./when.ts";
import { cutToWidth, displayWidth } from "./width.ts";
import { counted } from "./words.ts";
import { isLanesEnd } from "#runner/core/lease.ts";
import type { LiveRun, LiveStep, LiveView } from "./progress.ts";
import { answerWords, compactedWords, droppedWords } from "#runner/core/commit-message.ts";
import type { LedgerEvent } from "#runner/core/ledger-event.ts";
import type { ProgressEvent } from "#runner/core/progress-event.ts";

/** Lines that fit the width, for a terminal that is redrawn; `frame` turns the spinner, `rows` is its height. */
export function renderLive(
  view: LiveView,
  look: Look,
  { frame, rows }: { frame: number; rows: number },
): string[] {
  const lines = [...view.runs].flatMap(([id, run]) => runLines(id, run, { look, frame }));
  const total: Line = [
    toned(
      "dim",
      `${usd(view.costMicros)} ${signsOf(look).dot} Ctrl-C: stop; reconcile goes on from there`,
    ),
  ];
  const room = Math.max(1, rows - 2);
  const hidden = lines.length - room;
  const shown =
    hidden > 0 ? [[toned("dim", `${hidden} lines above`)], ...lines.slice(-room)] : lines;
  return [...shown, total].map((line) => printLine(fitLine(line, look), look));
}

interface Frame {
  readonly look: Look;
  readonly frame: number;
}

function runLines(id: string, run: LiveRun, frame: Frame): Line[] {
  const { look } = frame;
  const { dot } = signsOf(look);
  const head = `  ${run.project} ${dot} ${elapsed(run.since, look.now)} ${dot} ${usd(run.costMicros)}`;
  const end = run.result === null ? "" : ` ${dot} ${run.result}`;
  const title: Line = [toned("strong", id), toned("dim", head), end];
  if (run.result !== null) return [title];
  return [title, ...[...run.steps].map(([name, step]) => stepLine(name, step, frame))];
}

function stepLine(name: string, step: LiveStep, frame: Frame): Line {
  const { look } = frame;
  const time = elapsed(step.since, step.endedAt ?? look.now);
  const counts = [
    ...(step.running.size > 1 ? [`${step.running.size} running`] : []),
    ...(step.done > 1 ? [`${step.done} done`] : []),
    ...(step.failed > 0 ? [`${step.failed} failed`] : []),
  ].join(", ");
  const cost = step.costMicros > 0 ? usd(step.costMicros) : "";
  const facts = [time.padEnd(12), cost, counts, step.note].filter((fact) => fact !== "");
  return ["  ", stepSign(step, frame), ` ${name.padEnd(14)} `, toned("dim", facts.join("  "))];
}

function stepSign(step: LiveStep, { look, frame }: Frame): Piece {
  const signs = signsOf(look);
  if (step.waiting) return toned("warn", signs.waiting);
  if (step.running.size > 0)
    return toned("busy", signs.spinner[frame % signs.spinner.length] ?? "");
  return step.failed > 0 ? toned("bad", signs.failed) : toned("good", signs.ok);
}

/** A wrapped line would break the redraw: the rest is cut. */
function fitLine(line: Line, look: Look): Line {
  let room = look.width - 1;
  return line.map((piece) => {
    const { text, tone } = typeof piece === "string" ? toned("plain", piece) : piece;
    const cut = cutToWidth(terminalText(text), room, signsOf(look).ellipsis);
    room = Math.max(0, room - displayWidth(cut));
    return { text: cut, tone };
  });
}

/** Gives each event as lines with their time, for logs and pipes; why a step was degraded is told once for all its items. */
export function logWriter(look: Look): (event: ProgressEvent) => readonly string[] {
  const told = new Set<string>();
  return (event) => {
    const words = "run" in event ? runWords(event, look) : otherWords(event);
    const of = event.project === "" ? "" : `${event.project}: `;
    const line = (text: string): string =>
      printLine([toned("dim", event.at), ` ${of}${text}`], look);
    if (event.kind !== "step-finished" || event.degraded === undefined || look.verbose)
      return [line(words)];
    const step = `${event.run}/${event.step}`;
    if (told.has(step)) return [line(words)];
    told.add(step);
    return [line(words), line(degradedWords(event.degraded, step))];
  };
}

/** The ladder tells each rung that gave nothing: `model default: … is paid; model small: no answer`. */
function degradedWords(degraded: string, step: string): string {
  const [first = "", reason = ""] = degraded.split(": ");
  const what = reason === "passed over" ? "was passed over" : "gave nothing";
  return `${first} ${what}: done on a lower rung of the ladder (fettle explain ${step} says more)`;
}

function outcomeWords(
  { outcome, reason, degraded }: Extract<ProgressEvent, { kind: "step-finished" }>,
  { verbose }: Look,
): string {
  const fallback = degraded === undefined || !verbose ? "" : `degraded: ${degraded}`;
  const why = [reason, fallback].filter(Boolean);
  return why.length === 0 ? outcome : `${outcome}: ${why.join("; ")}`;
}

function runWords(event: Extract<ProgressEvent, { run: string }>, look: Look): string {
  switch (event.kind) {
    case "run-started":
      return `run ${event.run} started`;
    case "step-started":
      return `${placeOf(event)} started, ${turnWords(event)}attempt ${event.attempt}`;
    case "effect-intended":
      return `${placeOf(event)} is about to take effect: ${event.effect.onceKey}`;
    case "spend-granted":
      return `${placeOf(event)} may take ${amountsWords(event.amount)}`;
    case "spend-settled":
      return `${placeOf(event)} took ${amountsWords(event.spent)} and left no result`;
    case "step-finished":
      return `${placeOf(event)} ${outcomeWords(event, look)}${costWords(event.costMicros)}`;
    case "step-checkpointed":
      return `${placeOf(event)} saved ${Object.keys(event.checkpoints).join(", ") || "nothing"}`;
    case "result-overtaken":
      return `${placeOf(event)} ${event.outcome} here, but too late: another runner had gone on without it (fettle explain ${event.run})`;
    case "gate-queued":
      return `${event.run} ${event.step} is ready, and queued until you are shown it (fettle gates)`;
    case "gate-opened":
      return `${event.run} ${event.step} waits for you: fettle ${event.question === true ? "answer" : "approve"} ${event.gate}`;
    case "gate-settled":
      return `${event.run} ${event.step} ${event.decision} by ${event.by}`;
    case "wait-ended":
      return `${event.run} ${event.step} ${event.outcome === "succeeded" ? "is over" : event.outcome}: ${event.reason}`;
    case "run-finished":
      return `run ${event.run} ${event.result}${event.reason && `: ${event.reason}`}`;
    case "effect-answered":
      return `${placeOf(event)} ${answerWords[event.answer]}, says ${event.by}`;
  }
}

/** What is set aside is named: a person's edit stands on main in its place. */
function deliveredWords({
  owned,
  setAside,
}: Extract<ProgressEvent, { kind: "files-delivered" }>): string {
  const delivered = `${counted(Object.keys(owned).length, "file")} delivered`;
  if (setAside.length === 0) return delivered;
  return `${delivered}, set aside because main has changed there: ${setAside.join(", ")}`;
}

function turnWords({ iteration }: { readonly iteration?: number }): string {
  return iteration === undefined ? "" : `iteration ${iteration}, `;
}

function placeOf(event: {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
}): string {
  return `${event.run} ${event.step}${event.item === null ? "" : ` [${event.item}]`}`;
}

function costWords(micros: number): string {
  return micros === 0 ? "" : ` (${usd(micros)})`;
}

function otherWords(event: Exclude<LedgerEvent, { run: string }>): string {
  switch (event.kind) {
    case "project-applied":
      return "new version in force";
    case "project-stalled":
      return `newest version is invalid: ${event.reason}`;
    case "project-removed":
      return "removed";
    case "gate-noted":
      return `gate ${event.gate} ${event.problem ?? (event.absent ? "lost its branch: without it the next tick counts it as rejected" : "has its branch again")}`;
    case "files-delivered":
      return deliveredWords(event);
    case "edits-adopted":
      return event.edits
        .map(
          ({ path, to, by }) => `${by} ${to === null ? "removed" : "changed"} ${path}: it counts`,
        )
        .join("; ");
    case "request-made":
      return `${event.by} asks: ${event.asks}`;
    case "request-settled":
      return `request ${event.request}: ${event.reason}`;
    case "rewrite-accepted":
      return `${event.by} takes main as it is`;
    case "clock-set-right":
      return `what was recorded in the future is taken back to ${event.at}`;
    case "work-claimed":
      if (isLanesEnd(event)) return "the lanes are settled";
      if (event.plan !== undefined) return `${counted(event.runs.length, "run")} handed to lanes`;
      return `${event.runner} works on ${event.runs.join(", ") || "nothing any more"}`;
    case "payload-dropped":
      return `inputs and outputs of ${event.month}: ${droppedWords(event)}`;
    case "state-compacted":
      return `the state is compacted: ${compactedWords(event)}`;
  }
}
