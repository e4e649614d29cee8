/** Manifests and observed facts for tests of the planner; a test states only what it is about. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { NO_FOLDERS } from "#runner/core/compaction.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import type {
  AgentVersion,
  Observed,
  OpenRun,
  ProjectVersion,
  Workspace,
} from "#runner/core/model.ts";
import type { ProjectContext } from "#runner/core/project-context.ts";
import { nothingPlanned, type RunContext } from "#runner/core/step-plan.ts";
import type {
  Agent,
  AgentStep,
  AttemptRecord,
  GateDecision,
  GateStep,
  Goal,
  LiveProject,
  Pipeline,
  PipelineState,
  PipelineStep,
  Project,
  RunRecord,
  Step,
  WaitRecord,
} from "#runner/schema/types.gen.ts";
import { ADA, cite, MAIN, runRecord } from "./core-records.ts";

export const NOW = "2026-11-22T10:00:00.000Z";
export const EMPTY: Observed = {
  tip: null,
  summaries: NO_SUMMARIES,
  runs: new Map(),
  gates: new Map(),
  requests: [],
  ended: new Map(),
  self: "local",
  runners: [],
  working: new Set(),
  receipts: new Map(),
  handled: new Map(),
  cached: new Map(),
  drifted: new Map(),
  watched: new Map(),
  mainBlobs: new Map(),
  descends: true,
  unreadable: [],
  payload: new Map(),
  payloadNeeds: new Map(),
  folders: NO_FOLDERS,
};

export function agent(name: string, changes: Partial<Agent> = {}): AgentVersion {
  const manifest: Agent = {
    apiVersion: "fettle/v1",
    version: "1.0.0",
    role: `Is the ${name}.`,
    runtime: { command: ["true"] },
    inputs: { type: "object" },
    outputs: { type: "object" },
    limits: { usd: 0, wall: "1m" },
    ...changes,
  };
  return { name, tree: digestOf(name).slice(7, 47), manifest };
}

/** An agent whose effect reaches the outside world. */
export function mailer(changes: Partial<Agent> = {}): AgentVersion {
  return agent("mailer", { effects: "external", idempotency: "none", ...changes });
}

/** Its agent bears the step's name unless `changes` names another one. */
export function step(id: string, changes: Partial<AgentStep> = {}): AgentStep {
  return { id, agent: id, ...changes };
}

export function gateStep(
  id: string,
  show: GateStep["show"],
  changes: Partial<GateStep> = {},
): GateStep {
  return { id, gate: `May ${id} go on?`, show, ...changes };
}

/** Starts runs of the pipeline that it names; for each of `steps.find.outputs.items` unless `changes` says otherwise. */
export function pipelineStep(
  id: string,
  of: string,
  changes: Partial<PipelineStep> = {},
): PipelineStep {
  const forEach = "${{ steps.find.outputs.items }}";
  return { id, pipeline: of, forEach, itemKey: "${{ item }}", ...changes };
}

export function pipeline(steps: readonly Step[], changes: Partial<Pipeline> = {}): Pipeline {
  const [first = step("work"), ...rest] = steps;
  return { apiVersion: "fettle/v1", steps: [first, ...rest], ...changes };
}

export function goal(changes: Partial<Goal> = {}): Goal {
  return {
    statement: "Nothing is overdue.",
    metric: { agent: "counter", output: "count" },
    target: { max: 0 },
    check: "1d",
    pipelines: ["chase"],
    ...changes,
  };
}

interface ProjectParts {
  readonly name?: string;
  readonly manifest?: Partial<Project>;
  readonly pipelines?: Readonly<Record<string, Pipeline>>;
  readonly agents?: readonly AgentVersion[];
  readonly digest?: string;
}

export function project(parts: ProjectParts = {}): ProjectVersion {
  const { name = "shop", manifest = {}, pipelines = {}, agents = [], digest = "d1" } = parts;
  return {
    name,
    commit: MAIN,
    digest,
    manifest: { apiVersion: "fettle/v1", summary: `What ${name} is for.`, ...manifest },
    pipelines: new Map(Object.entries(pipelines)),
    agents: new Map(agents.map((version) => [version.name, version])),
  };
}

export function workspace(
  projects: readonly ProjectVersion[],
  changes: Omit<Partial<Workspace>, "settings" | "projects"> & {
    readonly settings?: Partial<Workspace["settings"]>;
  } = {},
): Workspace {
  return {
    commit: MAIN,
    invalid: new Map(),
    schemas: {},
    ...changes,
    settings: { apiVersion: "fettle/v1", operators: [{ email: ADA }], ...changes.settings },
    projects: new Map(projects.map((version) => [version.name, version])),
  };
}

/** A project whose version `d1` is applied. */
export function live(changes: Partial<LiveProject> = {}): LiveProject {
  return {
    project: "shop",
    applied: { commit: MAIN, tree: "d1", at: "2026-11-01T00:00:00.000Z" },
    goals: {},
    pipelines: {},
    openRuns: [],
    openGates: [],
    pending: [],
    spend: {},
    ...changes,
  };
}

export function pipelineState(changes: Partial<PipelineState> = {}): PipelineState {
  return { since: "2026-11-01T00:00:00.000Z", ...changes };
}

/** What is observed of applied projects. */
export function observed(lives: readonly LiveProject[], changes: Partial<Observed> = {}): Observed {
  return {
    ...EMPTY,
    summaries: {
      ...NO_SUMMARIES,
      workspace: { ...NO_SUMMARIES.workspace, projects: lives.map((one) => one.project) },
      projects: new Map(lives.map((one) => [one.project, one])),
    },
    ...changes,
  };
}

interface RunParts {
  readonly record?: Partial<RunRecord>;
  readonly agents?: readonly AgentVersion[];
  readonly pipelines?: Readonly<Record<string, Pipeline>>;
  readonly attempts?: readonly AttemptRecord[];
  readonly decisions?: readonly GateDecision[];
  readonly waits?: readonly WaitRecord[];
  /** JSON values that records may cite by {@link cite}. */
  readonly values?: readonly unknown[];
}

/** Agents that are not given do nothing special. */
export function openRun(of: Pipeline, parts: RunParts = {}): OpenRun {
  const { record, agents = [], pipelines = {}, attempts = [] } = parts;
  const { decisions = [], waits = [], values = [] } = parts;
  const plain = of.steps.flatMap((one) => ("agent" in one ? [agent(one.agent)] : []));
  return {
    record: runRecord(record),
    pipeline: of,
    agents: new Map([...plain, ...agents].map((version) => [version.name, version])),
    pipelines: new Map(Object.entries(pipelines)),
    attempts,
    decisions,
    waits,
    checkpoints: [],
    values: new Map(values.map((value) => [cite(value).digest, value])),
  };
}

export function runContext(run: OpenRun, changes: Partial<RunContext> = {}): RunContext {
  const { project: name, pipeline: pipelineName } = run.record;
  const version = project({ name, pipelines: { [pipelineName]: run.pipeline } });
  return {
    workspace: workspace([version]),
    observed: observed([live({ project: name })], { runs: new Map([[run.record.id, run]]) }),
    run,
    now: NOW,
    planned: nothingPlanned(),
    ...changes,
  };
}

/** The project's own summary is the first of `observed` that bears its name. */
export function projectContext(
  version: ProjectVersion,
  facts: { readonly live?: LiveProject; readonly now?: string } & Partial<Observed> = {},
): ProjectContext {
  const { live: own = live({ project: version.name }), now = NOW, ...changes } = facts;
  return {
    workspace: workspace([version]),
    version,
    live: own,
    observed: observed([own], changes),
    now,
  };
}
