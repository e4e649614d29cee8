/** All that the result of a step depends on, and its digest: the step key. */
import { digestOf } from "#runner/core/canonical-json.ts";
import { modelsAsked } from "#runner/core/money/demand.ts";
import { feedbackOf } from "#runner/core/feedback.ts";
import { entryOf } from "#runner/core/entry.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import { matchesAnyGlob } from "#runner/core/glob.ts";
import type { AgentVersion, OpenRun } from "#runner/core/model.ts";
import { projectDir, timezoneOf } from "#runner/core/run-scope.ts";
import { isAgentStep, stepNamed } from "#runner/core/step-graph.ts";
import { workNamed } from "#runner/core/undo/undo-step.ts";
import type { ObjectReader } from "#runner/repo/object-reader.ts";
import type { View } from "./engine.ts";
import type { OpenedEmbedder } from "./open-embedder.ts";
import { recallFor, type RecallResult } from "./recall-for.ts";
import { filesForStep, type FileView } from "./run-files.ts";

export type SeenState = Pick<View, "observed" | "workspace">;

/** What is asked of an agent. */
export interface Work {
  readonly run: OpenRun;
  readonly agent: AgentVersion;
  readonly step: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Of a step that is repeated. */
  readonly iteration?: number;
  /** Where it may be asked; else what is recalled is found by words. */
  readonly embedder?: OpenedEmbedder | null;
}

/** What the agent gets to see. */
export interface Sights {
  readonly key: string;
  readonly files: FileView;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly recall: RecallResult;
  /** null: the agent is not told the time, because its result is for other runs too. */
  readonly asOf: string | null;
}

export type FoundSights =
  | { readonly ok: true; readonly sights: Sights }
  | { readonly ok: false; readonly reason: string };

export async function sightsOf(
  reader: ObjectReader,
  view: SeenState,
  work: Work,
): Promise<FoundSights> {
  const { run, agent } = work;
  const scope = agentScope(view, work);
  const reads = textsOf(agent.manifest.reads ?? [], scope);
  const writes = textsOf(agent.manifest.writes ?? [], scope);
  const query = textsOf(queryTexts(agent), scope);
  const refused = [reads, writes, query].find((texts) => !texts.ok);
  if (refused !== undefined && !refused.ok) return refused;
  const [files, recall] = await Promise.all([
    filesForStep(reader, run, work.step),
    recallFor(reader, view, { run, agent, query: query.list, embedder: work.embedder ?? null }),
  ]);
  const asOf = isForOthers(work) ? null : run.record.asOf;
  const seen = { files, recall, asOf, reads: reads.list };
  return { ok: true, sights: { key: keyOf(view, work, seen), ...seen, writes: writes.list } };
}

/** Whether other runs may take the result over. */
export function isForOthers({ run, step }: Pick<Work, "run" | "step">): boolean {
  const found = stepNamed(run.pipeline, step);
  return found !== undefined && isAgentStep(found) && found.cache === true;
}

function keyOf(
  { workspace }: SeenState,
  { run, agent, step, inputs, iteration }: Work,
  { files, recall, asOf, reads }: Omit<Sights, "key" | "writes">,
): string {
  const { models = {} } = workspace.settings;
  const feedback = feedbackOf(run, step);
  const named = modelsAsked(agent).map((name) => entryOf(models, name) ?? null);
  return digestOf({
    project: run.record.project,
    step: workNamed(run.pipeline, step),
    agent: agent.tree,
    models: named,
    schemas: asOf === null ? workspace.schemas : {},
    inputs,
    // Left out of a step that is not repeated: its key stays what it was.
    ...(iteration === undefined ? {} : { iteration }),
    files: Object.fromEntries(
      [...files]
        .filter(([path]) => matchesAnyGlob(reads, path))
        .map(([path, file]) => [path, file.oid]),
    ),
    asOf,
    ...(feedback === null ? {} : { feedback }),
    memory: recall.recalled.map(({ blob }) => blob),
  });
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

/** Search words and subject of the recall. */
function queryTexts(agent: AgentVersion): readonly string[] {
  const { memory } = agent.manifest;
  return [memory?.recall ?? "", memory?.subject ?? ""];
}

/** What expressions of an agent's manifest see. */
function agentScope(
  { workspace }: SeenState,
  { run, inputs }: Work,
): Readonly<Record<string, unknown>> {
  const { settings } = workspace;
  return {
    workspace: { name: settings.name ?? "", timezone: timezoneOf(settings) },
    project: { name: run.record.project, dir: projectDir(run.record.project) },
    run: { id: run.record.id, asOf: run.record.asOf },
    inputs,
  };
}
