/** Service levels in words: of agents and pipelines. */
import { durationMs } from "#runner/core/time/duration.ts";
import { entryOf } from "./entry.ts";
import type { AgentVersion, Observed, Workspace } from "./model.ts";
import { type LevelStanding, levelStanding } from "./slo.ts";
import type { Slo } from "#runner/schema/types.gen.ts";

export interface MissedLevel {
  /** `agent writer`, `pipeline shop/letters`. */
  readonly of: string;
  /** One sentence. */
  readonly text: string;
}

/** Every service level that is missed, one by one. */
export function missedLevels(
  { projects }: Pick<Workspace, "projects">,
  observed: Observed,
): readonly MissedLevel[] {
  const versions = [...projects.values()];
  const agents = new Map(versions.flatMap((version) => [...version.agents]));
  return [
    ...[...agents.values()].flatMap((agent) =>
      missedOf(`agent ${agent.name}`, agent.manifest.slo, agentLevels(agent, observed)),
    ),
    ...versions.flatMap(({ name, pipelines }) =>
      [...pipelines].flatMap(([pipeline, { slo }]) =>
        missedOf(
          `pipeline ${name}/${pipeline}`,
          slo,
          pipelineLevels({ project: name, pipeline, slo }, observed),
        ),
      ),
    ),
  ];
}

/** Of the last attempts of this version. */
export function agentLevels(
  { name, manifest }: AgentVersion,
  { summaries }: Pick<Observed, "summaries">,
): LevelStanding {
  const versions = summaries.stats.get(name)?.versions ?? {};
  return levelStanding(manifest.slo, versions[manifest.version] ?? []);
}

interface OfPipeline {
  readonly project: string;
  readonly pipeline: string;
  readonly slo: Slo | undefined;
}

/** Of its last runs. */
export function pipelineLevels(
  { project, pipeline, slo }: OfPipeline,
  { summaries }: Pick<Observed, "summaries">,
): LevelStanding {
  const state = entryOf(summaries.projects.get(project)?.pipelines, pipeline);
  return levelStanding(slo, state?.samples ?? []);
}

function missedOf(
  of: string,
  slo: Slo | undefined,
  standing: LevelStanding,
): readonly MissedLevel[] {
  return levelWords(slo, standing)
    .filter(({ state }) => state === "missed")
    .map(({ text }) => ({ of, text }));
}

interface LevelWords {
  readonly name: "latencyP95" | "success";
  readonly state: LevelStanding["latency"];
  readonly text: string;
}

/** What is asked for and what was measured. */
export function levelWords(slo: Slo | undefined, standing: LevelStanding): readonly LevelWords[] {
  const { latency, success, latencyMs, share, samples } = standing;
  const { latencyP95 = "0s", success: asked = 0 } = slo ?? {};
  const few = `only ${samples} known, too few to say`;
  const levels: readonly LevelWords[] = [
    {
      name: "latencyP95",
      state: latency,
      text:
        latencyMs === null
          ? `at most ${latencyP95}: ${few}`
          : `95 of 100 take up to ${seconds(latencyMs)}, asked for are ${seconds(durationMs(latencyP95))}: ${latency} (last ${samples})`,
    },
    {
      name: "success",
      state: success,
      text:
        share === null
          ? `at least ${percent(asked)}: ${few}`
          : `${percent(share)} succeed, asked for are ${percent(asked)}: ${success} (last ${samples})`,
    },
  ];
  return levels.filter(({ state }) => state !== "none");
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(1))} s`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
