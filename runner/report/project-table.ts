/** One line a goal: the project, whether the goal is met, the last run, the month's money. */
import type { Plan } from "#runner/core/action.ts";
import { heldRuns, type Standstill } from "#runner/core/held-run.ts";
import { entryOf } from "#runner/core/entry.ts";
import { toned, type Line, type Piece } from "./lines.ts";
import { signsOf, type Look } from "./look.ts";
import { amount } from "./money.ts";
import { tableLines, type Cell } from "./table.ts";
import { relativeTime } from "./when.ts";
import type { Observed, ProjectVersion, Workspace } from "#runner/core/model.ts";
import type { GoalState, LastRun, LiveProject, RunResult } from "#runner/schema/types.gen.ts";

export interface Standing {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Plan;
}

export function projectTable({ workspace, observed, plan }: Standing, look: Look): Line[] {
  const still = heldRuns(plan);
  const projects = [...workspace.projects.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rows = projects.flatMap((project) =>
    projectRows(project, {
      live: observed.summaries.projects.get(project.name),
      observed,
      still,
      look,
    }),
  );
  const columns = [
    { title: "PROJECT", shrinkTo: 12 },
    { title: "GOAL", shrinkTo: 12 },
    { title: "STANDS", shrinkTo: 12 },
    { title: "LAST RUN", shrinkTo: 10 },
    { title: "STATE" },
    { title: "THIS MONTH" },
  ];
  return tableLines({ columns, rows }, look);
}

interface Facts {
  readonly live: LiveProject | undefined;
  readonly observed: Observed;
  /** Runs that stand still. */
  readonly still: ReadonlyMap<string, Standstill>;
  readonly look: Look;
}

function projectRows(project: ProjectVersion, facts: Facts): Cell[][] {
  const { live, look } = facts;
  const goals = Object.entries(project.manifest.goals ?? {});
  const goalCells = goals.map(([name]) => [name, standing(entryOf(live?.goals, name), look)]);
  const [first = [none(look), none(look)], ...rest] = goalCells;
  const shared = [lastRunText(live, look), stateOf(project, facts), moneyText(project, live, look)];
  return [[project.name, ...first, ...shared], ...rest.map((cells) => ["", ...cells, "", "", ""])];
}

/** "met: 0", "not met: 9" or "unknown". */
function standing(state: GoalState | undefined, look: Look): Piece {
  const { ok, failed, idle } = signsOf(look);
  if (state === undefined || state.met === null) return toned("dim", `${idle} unknown`);
  if (state.met) return toned("good", `${ok} met: ${state.value ?? "unknown"}`);
  return toned("bad", `${failed} not met: ${state.value ?? "unknown"}`);
}

function lastRunText(live: LiveProject | undefined, look: Look): Cell {
  const last = lastRun(live);
  if (last === null) return none(look);
  return relativeTime(last.endedAt, look.now);
}

/** The run that ended last, whatever its pipeline. */
function lastRun(live: LiveProject | undefined): LastRun | null {
  return Object.values(live?.pipelines ?? {}).reduce<LastRun | null>(
    (newest, { lastRun: run }) =>
      run !== undefined && (newest === null || run.endedAt > newest.endedAt) ? run : newest,
    null,
  );
}

function stateOf(project: ProjectVersion, { live, observed, still, look }: Facts): Piece {
  const signs = signsOf(look);
  if (live?.stalled !== undefined) return toned("bad", `${signs.failed} stalled`);
  if (project.manifest.suspend === true) return toned("dim", `${signs.idle} suspended`);
  const gates = [...observed.gates.values()].filter(
    ({ record }) => record.project === project.name,
  );
  if (gates.length > 0) return toned("warn", `${signs.waiting} waiting`);
  const open = live?.openRuns ?? [];
  if (open.length > 0) return openPiece(open, still, look);
  const last = lastRun(live);
  return last === null ? toned("dim", `${signs.idle} new`) : resultPiece(last.result, look);
}

/** Running while one of them is; queued while one only waits for its turn. */
function openPiece(open: readonly string[], still: Facts["still"], look: Look): Piece {
  const { waiting } = signsOf(look);
  const words = open.map((run) => still.get(run));
  if (words.includes(undefined)) return toned("busy", `${waiting} running`);
  return toned("warn", `${waiting} ${words.includes("queued") ? "queued" : "held"}`);
}

/** A result as a word with its sign. */
export function resultPiece(result: RunResult, look: Look): Piece {
  const { ok, failed, attention, idle } = signsOf(look);
  switch (result) {
    case "succeeded":
      return toned("good", `${ok} succeeded`);
    case "degraded":
      return toned("warn", `${attention} degraded`);
    case "failed":
      return toned("bad", `${failed} failed`);
    case "rejected":
      return toned("plain", `${idle} rejected`);
    case "cancelled":
      return toned("dim", `${idle} cancelled`);
  }
}

function moneyText(project: ProjectVersion, live: LiveProject | undefined, look: Look): string {
  const spent = amount(live?.spend[look.now.slice(0, 7)] ?? 0);
  const cap = project.manifest.budget?.find(({ per }) => per === "month");
  return cap === undefined ? `${spent} USD` : `${spent}/${cap.usd} USD`;
}

function none(look: Look): Piece {
  return toned("dim", signsOf(look).dash);
}
