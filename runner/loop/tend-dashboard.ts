/** The one issue that says how everything stands. */
import type { Plan } from "#runner/core/action.ts";
import { localInstant } from "#runner/core/time/calendar.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { capStandings } from "#runner/core/money/cap-standing.ts";
import { costReport } from "#runner/core/money/cost-report.ts";
import type { DashboardInput } from "#runner/core/dashboard-input.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { Forge, Told } from "#runner/forge/port.ts";
import { readRunsSince } from "./closed-runs.ts";
import type { Engine, View } from "./engine.ts";
import { failedRuns } from "./failed-runs.ts";
import type { ForgeTold } from "./forge-told.ts";
import { lateApprovals } from "./late-approvals.ts";
import { isWhole, look } from "./look.ts";

export interface DashboardFacts {
  readonly view: Pick<View, "workspace" | "observed">;
  readonly plan: Plan;
  /** Pull requests by branch. */
  readonly pulls: ReadonlyMap<string, number>;
}

interface Telling {
  readonly forge: Forge;
  readonly told: ForgeTold;
  readonly signal: AbortSignal;
}

const KEY = "dashboard";

/** Asks for nothing, and writes nothing, while it says what it said before. */
export async function tendDashboard(
  engine: Engine,
  facts: DashboardFacts,
  { forge, told, signal }: Telling,
): Promise<Told<unknown>> {
  const { settings } = facts.view.workspace;
  if (settings.forge?.dashboard === false) return { ok: true, value: null };
  const text = engine.dashboardText(await inputOf(engine, facts));
  const { origin } = engine.repository;
  const digest = digestOf([origin?.url ?? null, settings.forge ?? null, text]);
  if (told.isKnown(KEY, digest)) return { ok: true, value: null };
  const kept = await forge.keepIssue({ key: KEY, ...text }, signal);
  if (kept.ok) told.learn(KEY, digest);
  return kept;
}

async function inputOf(
  engine: Engine,
  { view, plan, pulls }: DashboardFacts,
): Promise<DashboardInput> {
  const { workspace, observed } = await wholeOf(engine, view);
  const { store: files } = engine;
  const now = engine.clock();
  const seen = { workspace, observed, files };
  const spent = costReport({ workspace, observed, now }, { by: "project", days: 2 });
  const since = localInstant(spent.since, "00:00", timezoneOf(workspace.settings));
  const ended = await readRunsSince(files, since);
  return {
    workspace,
    observed,
    plan,
    pulls,
    spent,
    late: await lateApprovals(seen),
    failed: await failedRuns(seen),
    caps: capStandings({ workspace, observed, now }),
    done: ended.filter(({ run }) => run.trigger.kind !== "check"),
  };
}

/** Of projects that rest a tick has seen nothing. */
async function wholeOf(
  engine: Engine,
  view: DashboardFacts["view"],
): Promise<DashboardFacts["view"]> {
  if (isWhole(view.workspace)) return view;
  const { workspace, observed } = await look(engine);
  return workspace === null ? view : { workspace, observed };
}
