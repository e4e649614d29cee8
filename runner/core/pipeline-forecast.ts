/** What a run of a pipeline will probably cost. */
import type { Forecast } from "./action.ts";
import { agentName } from "./agent-reference.ts";
import { forecastOf, totalForecast } from "./forecast.ts";
import type { AgentVersion, Summaries } from "./model.ts";
import { isAgentStep, isPipelineStep } from "./step-graph.ts";
import type { Pipeline } from "#runner/schema/types.gen.ts";

export interface Forecasting {
  readonly agents: ReadonlyMap<string, AgentVersion>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly stats: Summaries["stats"];
}

/** Each step once; how many items there will be is not known. Validation has refused pipelines that call themselves. */
export function pipelineForecast(pipeline: Pipeline, known: Forecasting): Forecast {
  return totalForecast(
    pipeline.steps.flatMap((step) => {
      if (isPipelineStep(step)) {
        const called = known.pipelines.get(step.pipeline);
        return called === undefined ? [] : [pipelineForecast(called, known)];
      }
      const agent = isAgentStep(step) ? known.agents.get(agentName(step.agent)) : undefined;
      return agent === undefined ? [] : [forecastOf(known.stats, agent)];
    }),
  );
}
