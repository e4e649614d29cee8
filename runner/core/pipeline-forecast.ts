/** What a run of a pipeline will probably cost, and how long it will take beside the waiting for people. */
import type { Forecast } from "./action.ts";
import { agentName } from "./agent-reference.ts";
import { evaluateValue } from "#runner/core/expression/evaluate.ts";
import { type Experience, forecastOf, times, totalForecast } from "./forecast.ts";
import type { AgentVersion } from "./model.ts";
import { placesOf } from "./parallel.ts";
import { retryPolicy } from "./retry.ts";
import { inOrder, isAgentStep, isPipelineStep, needsOf, stepsOf } from "./step-graph.ts";
import { DEFAULT_MAX_ITEMS } from "./step-items.ts";
import type { Pipeline, Step } from "#runner/schema/types.gen.ts";

export interface Forecasting extends Experience {
  readonly agents: ReadonlyMap<string, AgentVersion>;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Of an agent in one step of the pipeline, or of one that it calls. */
export interface Part {
  readonly step: string;
  readonly agent: AgentVersion;
  readonly forecast: Forecast;
}

/**
 * A list whose length follows from parameters counts as long as it is, another one as long as it may be. Steps that do not
 * need each other go on beside each other. The most that it can cost is every attempt of every step at its limit.
 */
export function pipelineForecast(pipeline: Pipeline, known: Forecasting): Forecast {
  const sum = totalForecast(partsOf(pipeline, known).map(({ forecast }) => forecast));
  const [ms, highMs] = [lastEnd(pipeline, known, "ms"), lastEnd(pipeline, known, "highMs")];
  return { ...sum, ms, highMs, mostMicros: mostOf(pipeline, known) };
}

/** What each agent takes; steps for when the run fails are not counted. Validation has refused pipelines that call themselves. */
export function partsOf(pipeline: Pipeline, known: Forecasting): readonly Part[] {
  return pipeline.steps.flatMap((step) => {
    const count = itemsIn(step, known);
    if (isPipelineStep(step)) {
      const called = known.pipelines.get(step.pipeline);
      const parts = called === undefined ? [] : partsOf(called, { ...known, params: {} });
      const places = placesOf(pipeline, step);
      return parts.map((part) => ({ ...part, forecast: times(part.forecast, count, places) }));
    }
    const agent = agentOf(step, known);
    if (agent === undefined || !isAgentStep(step)) return [];
    const forecast = times(forecastOf(known, agent), count, placesOf(pipeline, step, agent));
    return [{ step: step.id, agent, forecast }];
  });
}

function agentOf(step: Step, { agents }: Forecasting): AgentVersion | undefined {
  return isAgentStep(step) ? agents.get(agentName(step.agent)) : undefined;
}

function itemsIn(step: Step, { params }: Forecasting): number {
  if (!("forEach" in step) || step.forEach === undefined) return 1;
  const list = evaluateValue(step.forEach, { params });
  if (list.ok && Array.isArray(list.value)) return list.value.length;
  return step.maxItems ?? DEFAULT_MAX_ITEMS;
}

function lastEnd(pipeline: Pipeline, known: Forecasting, field: "ms" | "highMs"): number {
  const ends = new Map<string, number>();
  for (const step of inOrder(pipeline.steps)) {
    const start = Math.max(0, ...needsOf(step).map((id) => ends.get(id) ?? 0));
    ends.set(step.id, start + stepTime(pipeline, step, known)[field]);
  }
  return Math.max(0, ...ends.values());
}

function stepTime(pipeline: Pipeline, step: Step, known: Forecasting): Forecast {
  if (!isPipelineStep(step)) {
    return totalForecast(
      partsOf({ ...pipeline, steps: [step] }, known).map(({ forecast }) => forecast),
    );
  }
  const called = known.pipelines.get(step.pipeline);
  if (called === undefined) return totalForecast([]);
  const one = pipelineForecast(called, { ...known, params: {} });
  return times(one, itemsIn(step, known), placesOf(pipeline, step));
}

/** Retries, iterations and the steps for when it fails included. */
function mostOf(pipeline: Pipeline, known: Forecasting): number {
  return stepsOf(pipeline).reduce((sum, step) => {
    const count = itemsIn(step, known);
    if (isPipelineStep(step)) {
      const called = known.pipelines.get(step.pipeline);
      return sum + (called === undefined ? 0 : count * mostOf(called, { ...known, params: {} }));
    }
    const agent = agentOf(step, known);
    if (agent === undefined || !isAgentStep(step)) return sum;
    const tries = retryPolicy(pipeline, step.id).limit * (step.repeat?.max ?? 1);
    return sum + count * tries * forecastOf(known, agent).mostMicros;
  }, 0);
}
