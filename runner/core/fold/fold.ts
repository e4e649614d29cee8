/** Summaries are derived from events: the loop folds each event once, `verify` folds them all again and compares. */
import { setProjectRight, setWorkspaceRight } from "#runner/core/clock-lead.ts";
import { entryOf } from "#runner/core/entry.ts";
import { addMs } from "#runner/core/time/instant.ts";
import { DAY_MS, HOUR_MS } from "#runner/core/time/duration.ts";
import { foldHeard, withoutClosed } from "./fold-heard.ts";
import { foldInventory } from "./fold-inventory.ts";
import { foldLanes } from "./fold-lanes.ts";
import { foldSums } from "./fold-sums.ts";
import { foldMoney, paidBy } from "./fold-money.ts";
import { isDone } from "#runner/core/outcome.ts";
import { foldProject, foldSpend } from "./fold-project.ts";
import type { EventOf, LedgerEvent } from "#runner/core/ledger-event.ts";
import { MapDraft } from "#runner/core/map-draft.ts";
import type { Summaries } from "#runner/core/model.ts";
import type {
  AgentStats,
  Inventory,
  LiveProject,
  LiveWorkspace,
} from "#runner/schema/types.gen.ts";

// The longest month, and the hour that it gains when summer time ends.
const EFFECTS_KEPT_MS = 32 * DAY_MS;
// The longest day.
const GATES_KEPT_MS = 25 * HOUR_MS;
const SAMPLES_KEPT = 50;

export const NO_SUMMARIES: Summaries = {
  workspace: { appliedCommit: null, projects: [], effects: {}, gatesOpened: [] },
  projects: new Map(),
  inventories: new Map(),
  stats: new Map(),
};

const OF_NO_PROJECT: ReadonlySet<LedgerEvent["kind"]> = new Set([
  "request-made",
  "request-settled",
  "work-claimed",
  "state-compacted",
  "payload-dropped",
] as const);

/** The summaries after the events, in order; objects that these do not concern stay the same objects. */
export function foldEvents(summaries: Summaries, events: Iterable<LedgerEvent>): Summaries {
  const draft = new SummariesDraft(summaries);
  for (const event of events) draft.fold(event);
  return draft.done();
}

/** Summaries that events are folded into: what a thousand events change is copied once. */
export class SummariesDraft {
  readonly inventories: MapDraft<Inventory>;
  readonly #projects: MapDraft<LiveProject>;
  readonly #stats: MapDraft<AgentStats>;
  readonly #names: NamesDraft;
  #workspace: LiveWorkspace;

  constructor({ workspace, projects, inventories, stats }: Summaries) {
    this.inventories = new MapDraft(inventories);
    this.#projects = new MapDraft(projects);
    this.#stats = new MapDraft(stats);
    this.#names = new NamesDraft(workspace.projects);
    this.#workspace = workspace;
  }

  get appliedCommit(): string | null {
    return this.#workspace.appliedCommit;
  }

  done(): Summaries {
    const projects = this.#names.done();
    if (projects !== this.#workspace.projects) this.#workspace = { ...this.#workspace, projects };
    return {
      workspace: this.#workspace,
      projects: this.#projects.done(),
      inventories: this.inventories.done(),
      stats: this.#stats.done(),
    };
  }

  fold(event: LedgerEvent): void {
    if (event.kind === "project-removed") this.#drop(event.project);
    else if (event.kind === "rewrite-accepted") this.#apply(event.to);
    else if (event.kind === "clock-set-right") this.#setRight(event);
    else if (event.kind === "work-claimed") this.#workspace = foldLanes(this.#workspace, event);
    else if (event.kind === "request-made" || event.kind === "request-settled") this.#hear(event);
    else if (concernsProject(event)) this.#foldOfProject(event);
  }

  #foldOfProject(event: LedgerEvent): void {
    const { project } = event;
    const paid = paidBy(this.#workspace.money, event);
    if (event.kind === "project-applied") this.#rename(event);
    this.#foldWorkspace(event);
    if (!this.#projects.has(project) && !isNewProject(event)) return;
    const live = this.#projects.get(project) ?? newProject(project);
    const inventory = this.inventories.get(project) ?? { project, owned: {}, refused: {} };
    this.#projects.set(project, foldSpend(foldProject(live, event), event, paid));
    if (event.kind === "gate-settled")
      this.#workspace = withoutClosed(this.#workspace, this.#isOpen);
    this.inventories.set(project, foldInventory(inventory, event));
    this.#foldStats(event);
  }

  /** State moves along with a project's name. */
  #rename({ project, renamedFrom }: EventOf<"project-applied">): void {
    if (renamedFrom === null) return;
    const live = this.#projects.get(renamedFrom) ?? newProject(project);
    const inventory = this.inventories.get(renamedFrom) ?? { project, owned: {}, refused: {} };
    this.#remove(renamedFrom);
    this.#projects.set(project, { ...live, project });
    this.inventories.set(project, { ...inventory, project });
  }

  #hear(event: EventOf<"request-made" | "request-settled">): void {
    this.#workspace = foldHeard(this.#workspace, event, this.#isOpen);
  }

  readonly #isOpen = (gate: string): boolean =>
    this.#names.done().some((name) => this.#projects.get(name)?.openGates.includes(gate) === true);

  #remove(project: string): void {
    this.#names.delete(project);
    this.#projects.delete(project);
    this.inventories.delete(project);
  }

  #drop(project: string): void {
    this.#remove(project);
    this.#workspace = withoutClosed(this.#workspace, this.#isOpen);
  }

  #setRight(present: EventOf<"clock-set-right">): void {
    this.#workspace = setWorkspaceRight(this.#workspace, present);
    for (const name of this.#names.done()) {
      const live = this.#projects.get(name);
      if (live !== undefined) this.#projects.set(name, setProjectRight(live, present));
    }
  }

  #apply(appliedCommit: string): void {
    this.#workspace = { ...this.#workspace, appliedCommit };
  }

  #foldWorkspace(event: LedgerEvent): void {
    if (isNewProject(event)) this.#names.add(event.project);
    if (event.kind === "project-applied") this.#apply(event.commit);
    if (event.kind === "effect-intended" && event.takenOver !== true)
      this.#workspace = countEffect(this.#workspace, event);
    if (event.kind === "gate-opened") this.#workspace = countGate(this.#workspace, event);
    const money = foldMoney(this.#workspace.money, event);
    if (money !== undefined && money !== this.#workspace.money) {
      this.#workspace = { ...this.#workspace, money };
    }
  }

  #foldStats(event: LedgerEvent): void {
    if (event.kind !== "step-finished" || event.ms === 0 || event.outcome === "cancelled") return;
    const before = this.#stats.get(event.agent) ?? { agent: event.agent, versions: {} };
    const sample = { micros: event.costMicros, ms: event.ms, ok: isDone(event.outcome) };
    const samples = [...(before.versions[event.version] ?? []), sample].slice(-SAMPLES_KEPT);
    const versions = { ...before.versions, [event.version]: samples };
    this.#stats.set(event.agent, { ...before, versions });
  }
}

/** Names in alphabetical order: sorted once for all that come. */
class NamesDraft {
  #before: string[];
  #after: Set<string> | null = null;

  constructor(before: string[]) {
    this.#before = before;
  }

  add(name: string): void {
    this.#after ??= new Set(this.#before);
    this.#after.add(name);
  }

  delete(name: string): void {
    this.#after ??= new Set(this.#before);
    this.#after.delete(name);
  }

  done(): string[] {
    this.#before = this.#after === null ? this.#before : [...this.#after].toSorted();
    this.#after = null;
    return this.#before;
  }
}

function concernsProject({ kind }: LedgerEvent): boolean {
  return !OF_NO_PROJECT.has(kind);
}

/** Only these give a project state; an event of any other project, or of none, leaves no trace in the summaries. */
function isNewProject({ kind }: LedgerEvent): boolean {
  return kind === "project-applied" || kind === "project-stalled";
}

function newProject(project: string): LiveProject {
  return {
    project,
    goals: {},
    pipelines: {},
    openRuns: [],
    openGates: [],
    pending: [],
    spend: {},
  };
}

function countGate(
  workspace: LiveWorkspace,
  { at, briefing }: EventOf<"gate-opened">,
): LiveWorkspace {
  const since = addMs(at, -GATES_KEPT_MS);
  const recent = workspace.gatesOpened.filter((opened) => opened >= since);
  const briefed = briefing === undefined ? {} : { briefed: briefing };
  return { ...workspace, gatesOpened: [...recent, at], ...briefed };
}

function countEffect(workspace: LiveWorkspace, event: EventOf<"effect-intended">): LiveWorkspace {
  const since = addMs(event.at, -EFFECTS_KEPT_MS);
  const recent = (entryOf(workspace.effects, event.agent) ?? []).filter((at) => at >= since);
  return {
    ...workspace,
    effects: { ...workspace.effects, [event.agent]: [...recent, event.at] },
    ...foldSums(workspace.effectSums, event, since),
  };
}
