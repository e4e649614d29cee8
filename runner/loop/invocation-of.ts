/** Everything that an attempt is given, put together from git. */
import { checkpointsFor } from "#runner/core/checkpoint.ts";
import { feedbackOf } from "#runner/core/feedback.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import type { StepStart } from "#runner/core/action.ts";
import type { AgentVersion, OpenRun } from "#runner/core/model.ts";
import { missingSecret, refusedSecret } from "#runner/core/secret-grant.ts";
import { projectDir } from "#runner/core/run-scope.ts";
import type { Invocation, RepositoryFile } from "#runner/runtimes/invocation.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import type { RecalledRecord } from "#runner/schema/types.gen.ts";
import { grantAfter } from "#runner/core/money/grant-after.ts";
import type { Toll } from "#runner/runtimes/model-door.ts";
import { type Asking, embedderFor } from "./embedder-for.ts";
import type { Engine, View } from "./engine.ts";
import { historyFor } from "./history-for.ts";
import type { RecallResult } from "./recall-for.ts";
import type { FileView } from "./run-files.ts";
import { sightsOf, type Sights } from "./step-key.ts";

/** An invocation with what must be recorded of it. */
export interface Prepared {
  readonly invocation: Invocation;
  readonly files: FileView;
  /** What was taken of the grant already, to find what is remembered; null: nothing was. */
  readonly toll: Toll | null;
  readonly recalled: readonly RecalledRecord[];
  readonly asked: RecallResult["asked"];
  readonly existing: RecallResult["known"];
  readonly forgotten: RecallResult["forgotten"];
  readonly clusters: RecallResult["clusters"];
}

export type Preparation =
  | { readonly ok: true; readonly prepared: Prepared }
  | { readonly ok: false; readonly outcome: "auth" | "missing-data"; readonly reason: string };

interface Preparing {
  readonly action: StepStart;
  /** null: the embedder is not asked, because the step is executed elsewhere. */
  readonly asking: Asking | null;
}

export async function prepare(
  engine: Engine,
  view: View,
  { action, asking }: Preparing,
): Promise<Preparation> {
  const run = view.observed.runs.get(action.run);
  const agent = run?.agents.get(action.agent);
  if (run === undefined || agent === undefined) throw new Error(`${action.run} cannot be started`);
  const { settings } = view.workspace;
  const missing =
    engine.elsewhere === undefined
      ? missingSecret(agent, settings, engine.secretValues(view.workspace))
      : refusedSecret(agent, settings);
  if (missing !== undefined) return { ok: false, outcome: "auth", reason: missing };
  const { step, inputs, iteration } = action;
  const repeated = iteration === undefined ? {} : { iteration };
  const work = { run, agent, step, inputs, ...repeated };
  const embedder = await embedderFor(engine, view, { ...work, action, asking });
  const seen = await sightsOf(engine.store.reader, view, { ...work, embedder });
  const toll = embedder?.kind === "open" ? await embedder.close() : null;
  if (!seen.ok) return { ok: false, outcome: "missing-data", reason: seen.reason };
  const { sights } = seen;
  return { ok: true, prepared: await assemble(engine, view, { action, run, agent, sights, toll }) };
}

interface Assembly {
  readonly action: StepStart;
  readonly run: OpenRun;
  readonly agent: AgentVersion;
  readonly sights: Sights;
  readonly toll: Toll | null;
}

async function assemble(engine: Engine, view: View, assembly: Assembly): Promise<Prepared> {
  const { action, run, agent, sights, toll } = assembly;
  const { key, files, recall, asOf } = sights;
  const [seen, own, history] = await Promise.all([
    readFiles(engine, files, sights.reads),
    agentFiles(engine, agent),
    historyFor(engine, view, agent.manifest.history ?? []),
  ]);
  const feedback = feedbackOf(run, action.step);
  const invocation: Invocation = {
    run: action.run,
    step: action.step,
    item: action.item,
    attempt: action.attempt,
    key,
    project: run.record.project,
    projectDir: projectDir(run.record.project),
    asOf,
    agent,
    inputs: action.inputs,
    files: [...seen, ...own],
    writes: sights.writes,
    ...(history === undefined ? {} : { history }),
    memory: recall.injected,
    ...clustersPart(agent, recall),
    ...(feedback === null ? {} : { feedback }),
    secrets: engine.secretValues(view.workspace),
    models: view.workspace.settings.models ?? {},
    schemas: view.workspace.schemas,
    timeoutMs: action.timeoutMs,
    commit: view.workspace.commit,
    ...(action.ladder === undefined ? {} : { ladder: action.ladder }),
    ...(action.grant === undefined ? {} : { grant: grantAfter(action.grant, toll) }),
    ...(action.effect === null ? {} : { effectKey: action.effect.key }),
    checkpoints: checkpointsFor(run, action, key),
    resume: action.resume,
    ...(action.askOnly === undefined ? {} : { askOnly: action.askOnly }),
  };
  return {
    invocation,
    files,
    toll,
    recalled: recall.recalled,
    asked: recall.asked,
    existing: recall.known,
    forgotten: recall.forgotten,
    clusters: recall.clusters,
  };
}

function clustersPart(
  { manifest }: AgentVersion,
  { clusters }: RecallResult,
): Pick<Invocation, "clusters"> {
  if (manifest.memory?.consolidates !== true) return {};
  const told = clusters.map(({ sources, summary }) => ({
    supersedes: sources.map(({ id }) => id),
    text: summary,
  }));
  return { clusters: told };
}

async function readFiles(
  engine: Engine,
  files: FileView,
  globs: readonly string[],
): Promise<readonly RepositoryFile[]> {
  const matching = [...files].filter(([path]) => matchesAnyGlob(globs, path));
  return Promise.all(
    matching.map(async ([path, { oid, executable }]) => ({
      path,
      content: await engine.store.reader.expectBlob(oid, path),
      executable,
    })),
  );
}

async function agentFiles(engine: Engine, agent: AgentVersion): Promise<readonly RepositoryFile[]> {
  const files = await listTree(engine.store.reader, agent.tree);
  return Promise.all(
    files.filter(isRegular).map(async ({ path, oid, kind }) => ({
      path: `agents/${agent.name}/${path}`,
      content: await engine.store.reader.expectBlob(oid, path),
      executable: kind === "executable",
    })),
  );
}
