/** What a run of each pipeline would take before a change and after it. */
import type { Forecast } from "./action.ts";
import type { ProjectVersion, Summaries, Workspace } from "./model.ts";
import { paramsOf } from "./param.ts";
import { pipelineForecast } from "./pipeline-forecast.ts";

export interface ChangedForecast {
  /** `<project>/<pipeline>`. */
  readonly of: string;
  /** null: there is no such pipeline on that side. */
  readonly before: Forecast | null;
  readonly after: Forecast | null;
}

/** Of projects that differ, with their agents, every pipeline; in the order of their names. */
export function changedForecasts(
  before: Workspace,
  after: Workspace,
  stats: Summaries["stats"],
): readonly ChangedForecast[] {
  const names = new Set([...before.projects.keys(), ...after.projects.keys()]);
  return [...names].toSorted().flatMap((name) => {
    const [old, fresh] = [before.projects.get(name), after.projects.get(name)];
    if (old?.digest === fresh?.digest) return [];
    const pipelines = new Set([
      ...(old?.pipelines.keys() ?? []),
      ...(fresh?.pipelines.keys() ?? []),
    ]);
    return [...pipelines].toSorted().map((pipeline) => ({
      of: `${name}/${pipeline}`,
      before: forecastIn({ workspace: before, stats }, old, pipeline),
      after: forecastIn({ workspace: after, stats }, fresh, pipeline),
    }));
  });
}

interface Known {
  readonly workspace: Workspace;
  readonly stats: Summaries["stats"];
}

function forecastIn(
  known: Known,
  version: ProjectVersion | undefined,
  name: string,
): Forecast | null {
  const pipeline = version?.pipelines.get(name);
  if (version === undefined || pipeline === undefined) return null;
  const { agents, pipelines } = version;
  const params = paramsOf(pipeline, {});
  return pipelineForecast(pipeline, {
    ...known,
    agents,
    pipelines,
    params: params.ok ? params.value : {},
  });
}
