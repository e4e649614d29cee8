/** Everything that an attempt is given, put together from git. */
import { checkpointsFor } from "#runner/core/checkpoint.ts";
import { digestOf } from "#runner/core/canonical-json.ts";
import { evaluateValue } from "#runner/core/evaluate.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import { workNamed } from "#runner/core/undo-step.ts";
import type { StepStart } from "#runner/core/action.ts";
import type { AgentVersion, OpenRun } from "#runner/core/model.ts";
import { projectDir, timezoneOf } from "#runner/core/run-scope.ts";
import type { Invocation, RepositoryFile } from "#runner/runtimes/invocation.ts";
import { isRegular, listTree } from "#runner/repo/worktree-files.ts";
import type { RecalledRecord } from "#runner/schema/types.gen.ts";
import type { Engine, View } from "./engine.ts";
import { historyFor } from "./history-for.ts";
import { recallFor } from "./recall-for.ts";
import { filesForStep, type FileView } from "./run-files.ts";

/** An invocation with what must be recorded of it. */
export interface Prepared {
  readonly invocation: Invocation;
  readonly files: FileView;
  readonly recalled: readonly RecalledRecord[];
  readonly existing: Awaited<ReturnType<typeof recallFor>>["known"];
}

export type Preparation =
  | { readonly ok: true; readonly prepared: Prepared }
  | { readonly ok: false; readonly outcome: "auth" | "missing-data"; readonly reason: string };

export async function prepare(engine: Engine, view: View, action: StepStart): Promise<Preparation> {
  const run = view.observed.runs.get(action.run);
  const agent = run?.agents.get(action.agent);
  if (run === undefined || agent === undefined) throw new Error(`${action.run} cannot be started`);
  const missing = missingSecret(engine, view, agent);
  if (missing !== undefined) return { ok: false, outcome: "auth", reason: missing };
  const scope = agentScope(view, run, action);
  const reads = textsOf(agent.manifest.reads ?? [], scope);
  const writes = textsOf(agent.manifest.writes ?? [], scope);
  const query = textsOf(queryTexts(agent), scope);
  const refused = [reads, writes, query].find((texts) => !texts.ok);
  if (refused !== undefined && !refused.ok)
    return { ok: false, outcome: "missing-data", reason: refused.reason };
  return {
    ok: true,
    prepared: await assemble(engine, view, {
      action,
      run,
      agent,
      reads: reads.list,
      writes: writes.list,
      query: query.list,
    }),
  };
}

interface Assembly {
  readonly action: StepStart;
  readonly run: OpenRun;
  readonly agent: AgentVersion;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Search words and subject of the recall. */
  readonly query: readonly string[];
}

async function assemble(engine: Engine, view: View, assembly: Assembly): Promise<Prepared> {
  const { action, run, agent, reads, writes } = assembly;
  const files = await filesForStep(engine.store.reader, run, action.step);
  const [seen, own, recall, history] = await Promise.all([
    readFiles(engine, files, reads),
    agentFiles(engine, agent),
    recallFor(engine, view, { run, agent, query: assembly.query }),
    historyFor(engine, view, agent.manifest.history ?? []),
  ]);
  const key = digestOf({
    step: workNamed(run.pipeline, action.step),
    agent: agent.tree,
    inputs: action.inputs,
    // Left out of a step that is not repeated: its key stays what it was.
    ...(action.iteration === undefined ? {} : { iteration: action.iteration }),
    files: Object.fromEntries(
      [...files]
        .filter(([path]) => matchesAnyGlob(reads, path))
        .map(([path, file]) => [path, file.oid]),
    ),
    asOf: run.record.asOf,
    memory: recall.recalled.map(({ blob }) => blob),
  });
  const invocation: Invocation = {
    run: action.run,
    step: action.step,
    item: action.item,
    attempt: action.attempt,
    key,
    project: run.record.project,
    projectDir: projectDir(run.record.project),
    asOf: run.record.asOf,
    agent,
    inputs: action.inputs,
    files: [...seen, ...own],
    writes,
    ...(history === undefined ? {} : { history }),
    memory: recall.injected,
    secrets: engine.secretValues(view.workspace),
    models: view.workspace.settings.models ?? {},
    schemas: view.workspace.schemas,
    timeoutMs: action.timeoutMs,
    ...(action.effect === null ? {} : { effectKey: action.effect.key }),
    checkpoints: checkpointsFor(run, action, key),
    resume: action.resume,
    ...(action.askOnly === undefined ? {} : { askOnly: action.askOnly }),
  };
  return { invocation, files, recalled: recall.recalled, existing: recall.known };
}

type Texts =
  | { readonly ok: true; readonly list: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly list: readonly string[] };

function textsOf(templates: readonly string[], scope: Readonly<Record<string, unknown>>): Texts {
  const list: string[] = [];
  for (const template of templates) {
    const text = evaluateValue(template, scope);
    if (!text.ok) return { ok: false, reason: text.reason, list };
    list.push(String(text.value));
  }
  return { ok: true, list };
}

function queryTexts(agent: AgentVersion): readonly string[] {
  const { memory } = agent.manifest;
  return [memory?.recall ?? "", memory?.subject ?? ""];
}

/** Why the agent cannot have a secret that it needs; undefined when it can have all. */
function missingSecret(engine: Engine, view: View, agent: AgentVersion): string | undefined {
  const values = engine.secretValues(view.workspace);
  const sources = view.workspace.settings.secrets ?? {};
  const name = (agent.manifest.secrets ?? []).find(
    (secret) => values[secret] === undefined && sources[secret]?.optional !== true,
  );
  if (name === undefined) return undefined;
  const variable = sources[name]?.env;
  return variable === undefined
    ? `secret ${name} is not declared in fettle.yaml`
    : `secret ${name} is not set: the environment variable ${variable} is empty`;
}

/** What expressions of an agent's manifest see. */
function agentScope(
  view: View,
  run: OpenRun,
  action: StepStart,
): Readonly<Record<string, unknown>> {
  const { settings } = view.workspace;
  return {
    workspace: { name: settings.name ?? "", timezone: timezoneOf(settings) },
    project: { name: run.record.project, dir: projectDir(run.record.project) },
    run: { id: run.record.id, asOf: run.record.asOf },
    inputs: action.inputs,
  };
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
