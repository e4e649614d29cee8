/** Caps that hold for a piece of work, and how much of each is left. */
import { microsOf, NO_AMOUNT, plus, sumOf } from "./amount.ts";
import { localDay, nextWindow, windowFirstDay } from "#runner/core/time/calendar.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import { agentNames, pipelineNames, projectNames } from "#runner/core/earlier-names.ts";
import { entryOf } from "#runner/core/entry.ts";
import { spender } from "#runner/core/fold/fold-money.ts";
import { heldByOthers } from "#runner/core/lease.ts";
import type { AgentVersion, Observed, Workspace } from "#runner/core/model.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { timezoneOf } from "#runner/core/run-scope.ts";
import type { Amount, Budget, Grant } from "#runner/schema/types.gen.ts";

/** What a cap counts. */
export type Axis = keyof Amount;

/** A cap with the file that it stands in. */
export interface Cap {
  /** `the workspace`, `project shop`. */
  readonly scope: string;
  readonly file: string;
  readonly axis: Axis;
  readonly limit: number;
  readonly budget: Budget;
  readonly counts: (unit: string) => boolean;
  /** Main has it no more: it is that of the version that the run is pinned to. */
  readonly isPinned?: true;
}

/** What is gone of a cap: taken, and given to attempts that have no result yet. */
export interface Standing {
  readonly taken: number;
  readonly reserved: number;
}

export interface Work {
  readonly project: string;
  readonly pipeline: string;
  readonly run: string;
  /** As the run is pinned to it. */
  readonly agent: AgentVersion;
  /** Of the pipeline as the run is pinned to it: what holds once main has it no more. */
  readonly budget?: readonly Budget[];
}

export interface BudgetFacts {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly now: string;
  /** Grants that this plan gives already. */
  readonly planned: readonly PlannedGrant[];
}

/** A grant before it has a name. */
export type PlannedGrant = Omit<Grant, "grant">;

/** Every cap that the work counts for, of main as it is; where main has its pipeline or its agent no more, as it was. */
export function capsFor(facts: BudgetFacts, work: Work): readonly Cap[] {
  const { workspace } = facts;
  const [project, version] = today(workspace.projects, work.project, ({ manifest }) => manifest);
  const [agent, current] = today(version?.agents, work.agent.name, ({ manifest }) => manifest);
  const [name, pipeline] = today(version?.pipelines, work.pipeline, (found) => found);
  const folder = `projects/${project}`;
  const agentFile = `agents/${agent}/agent.yaml`;
  return [
    ...capsOf(workspace.settings.budget, {
      scope: "the workspace",
      file: "fettle.yaml",
      counts: () => true,
    }),
    ...capsOf(version?.manifest.budget, {
      scope: `project ${project}`,
      file: `${folder}/project.yaml`,
      counts: ofProject(facts, { project }),
    }),
    ...capsOf(pipeline === undefined ? work.budget : pipeline.budget, {
      scope: `pipeline ${name}`,
      ...(pipeline === undefined ? PINNED : {}),
      file: `${folder}/pipelines/${name}.yaml`,
      counts: ofPipeline(facts, project, { ...pipeline, name }),
    }),
    ...capsOf((current ?? work.agent).manifest.budget, {
      scope: `agent ${agent}`,
      ...(current === undefined ? PINNED : {}),
      file: agentFile,
      counts: ofAgent(facts, { ...work, project, agent: current ?? work.agent }),
    }),
  ];
}

const PINNED = { isPinned: true } as const;

/** What a name of then is called on main now; a name that is there itself is not looked for. */
function today<Found>(
  all: ReadonlyMap<string, Found> | undefined,
  name: string,
  named: (found: Found) => { readonly previousNames?: readonly string[] },
): readonly [string, Found | undefined] {
  const own = all?.get(name);
  if (own !== undefined) return [name, own];
  const renamed = [...(all ?? [])].find(([, found]) => named(found).previousNames?.includes(name));
  return renamed ?? [name, undefined];
}

function capsOf(
  budget: readonly Budget[] | undefined,
  place: Pick<Cap, "scope" | "file" | "counts" | "isPinned">,
): readonly Cap[] {
  return (budget ?? []).flatMap((cap) =>
    limitsOf(cap).map(({ axis, limit }) => ({ ...place, axis, limit, budget: cap })),
  );
}

/** What a line of a budget limits; a valid one limits one thing. */
export function limitsOf(budget: Budget): readonly Pick<Cap, "axis" | "limit">[] {
  const { usd, tokens, requests, wall } = budget;
  return [
    ...(usd === undefined ? [] : [{ axis: "micros" as const, limit: microsOf(usd) }]),
    ...(tokens === undefined ? [] : [{ axis: "tokens" as const, limit: tokens }]),
    ...(requests === undefined ? [] : [{ axis: "requests" as const, limit: requests }]),
    ...(wall === undefined ? [] : [{ axis: "ms" as const, limit: durationMs(wall) }]),
  ];
}

function ofProject(facts: BudgetFacts, { project }: Pick<Work, "project">): Cap["counts"] {
  const names = new Set(projectNames(facts, project));
  return (unit) => names.has(partsOf(unit).project);
}

function ofPipeline(
  facts: BudgetFacts,
  project: string,
  pipeline: { readonly name: string; readonly previousNames?: readonly string[] },
): Cap["counts"] {
  const isOfProject = ofProject(facts, { project });
  const names = new Set(pipelineNames(facts, project, pipeline));
  return (unit) => isOfProject(unit) && names.has(partsOf(unit).pipeline);
}

function ofAgent(facts: BudgetFacts, { project, agent }: Work): Cap["counts"] {
  const names = new Set(agentNames(facts, project, agent));
  return (unit) => names.has(partsOf(unit).agent);
}

function partsOf(unit: string): { project: string; pipeline: string; agent: string } {
  const [project = "", pipeline = "", agent = ""] = unit.split("/");
  return { project, pipeline, agent };
}

/** What is gone of the cap in the window that `now` lies in. */
export function standingOf(facts: BudgetFacts, cap: Cap, run: string): Standing {
  const { observed, planned } = facts;
  const isIn = inWindow(facts, cap, run);
  const counts = (grant: PlannedGrant): boolean => cap.counts(grant.unit) && isIn(grant);
  const [alive, lost] = partitioned(observed.summaries.workspace.money?.grants ?? [], facts);
  const sum = (grants: readonly PlannedGrant[]): number =>
    sumOf(grants.filter(counts).map(({ amount }) => amount))[cap.axis];
  return {
    taken: takenOf(facts, cap, run)[cap.axis] + sum(lost),
    reserved: sum(alive) + sum(planned),
  };
}

/** Grants of attempts at work, here or elsewhere; and those that nobody will ever tell of, which count as taken. */
function partitioned(
  grants: readonly Grant[],
  { observed, now }: BudgetFacts,
): readonly [alive: readonly Grant[], lost: readonly Grant[]] {
  if (grants.length === 0) return [[], []];
  const elsewhere = heldByOthers(observed.runners, observed.self, now);
  const isAlive = (grant: Grant): boolean =>
    observed.working.has(unitKey(grant)) || elsewhere.has(grant.run);
  return [grants.filter(isAlive), grants.filter((grant) => !isAlive(grant))];
}

function inWindow(
  facts: BudgetFacts,
  { budget }: Cap,
  run: string,
): (grant: Pick<Grant, "run" | "day">) => boolean {
  switch (budget.per) {
    case "run":
      return (grant) => grant.run === run;
    case "total":
    case "hour":
      return () => true;
    case "day":
    case "week":
    case "month": {
      const first = firstDay(facts, budget.per);
      return ({ day }) => day >= first;
    }
  }
}

function takenOf(facts: BudgetFacts, { budget, counts }: Cap, run: string): Amount {
  const money = facts.observed.summaries.workspace.money;
  if (money === undefined) return NO_AMOUNT;
  const matching = (amounts: Readonly<Record<string, Amount>>): Amount =>
    sumOf(Object.entries(amounts).flatMap(([unit, amount]) => (counts(unit) ? [amount] : [])));
  switch (budget.per) {
    case "run":
      return entryOf(money.runs, run) ?? NO_AMOUNT;
    case "total":
    case "hour":
      return matching(money.totals);
    case "day":
    case "week":
    case "month": {
      const first = firstDay(facts, budget.per);
      const days = Object.entries(money.days).filter(([day]) => day >= first);
      return days.reduce((sum, [, amounts]) => plus(sum, matching(amounts)), NO_AMOUNT);
    }
  }
}

function firstDay({ workspace, now }: BudgetFacts, per: "day" | "week" | "month"): string {
  return windowFirstDay(localDay(now, timezoneOf(workspace.settings)), per);
}

/** When the cap's next window begins; null when there is none. */
export function nextWindowOf(
  { workspace, now }: Pick<BudgetFacts, "workspace" | "now">,
  { budget: { per } }: Cap,
): string | null {
  if (per === "run" || per === "hour" || per === "total") return null;
  return nextWindow(now, { per, timezone: timezoneOf(workspace.settings) });
}

/** The grant as the state will hold it. */
export function grantFor(
  { workspace, now }: Pick<BudgetFacts, "workspace" | "now">,
  work: Work,
  grant: Pick<Grant, "step" | "item" | "attempt" | "amount">,
): PlannedGrant {
  const { project, pipeline, run, agent } = work;
  const unit = spender({ project, pipeline, agent: agent.name });
  return { unit, run, day: localDay(now, timezoneOf(workspace.settings)), ...grant };
}
