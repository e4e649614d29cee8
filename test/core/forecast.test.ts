import { expect, test } from "vitest";
import { forecastOf, NO_FORECAST, times, totalForecast } from "#runner/core/forecast.ts";
import { comparedWords, forecastWords } from "#runner/core/forecast-words.ts";
import { pipelineForecast } from "#runner/core/pipeline-forecast.ts";
import type { Forecast } from "#runner/core/action.ts";
import type { Agent, AgentStats, Pipeline, Sample } from "#runner/schema/types.gen.ts";
import { agent, pipeline, pipelineStep, step, workspace } from "../support/core-builders.ts";

const PAID: Partial<Agent> = {
  runtime: { model: "big", prompt: "prompt.md" },
  limits: { usd: 0.05, wall: "2m" },
};
const SAMPLES = [1, 30, 2, 4, 3].map((micros) => ({ micros, ms: micros * 10, ok: true }));

function stats(samples: readonly Sample[], version = "1.0.0"): ReadonlyMap<string, AgentStats> {
  return new Map([["writer", { agent: "writer", versions: { [version]: [...samples] } }]]);
}

function forecast(samples: readonly Sample[], version = "1.0.0", changes = PAID): Forecast {
  return forecastOf(
    { workspace: workspace([]), stats: stats(samples, version) },
    agent("writer", changes),
  );
}

test("the middle of the last attempts is likely, and 95 of 100 stay below what is foreseen", () => {
  expect(forecast(SAMPLES)).toEqual({
    micros: 3,
    ms: 30,
    highMicros: 30,
    highMs: 300,
    mostMicros: 50_000,
    attempts: 1,
    costFrom: "attempts",
    timeFrom: "attempts",
  });
});

test.each([
  ["fewer than five attempts", SAMPLES.slice(1), "1.0.0"],
  ["attempts of another version", SAMPLES, "2.0.0"],
  ["no attempts", [], "1.0.0"],
])("With %s only the limits say what it may take.", (_, samples, version) => {
  expect(forecast(samples, version)).toMatchObject({
    micros: 50_000,
    highMicros: 50_000,
    ms: 120_000,
    costFrom: "limits",
    timeFrom: "limits",
  });
});

test("an attempt that failed before it asked a paid model says nothing about the next one", () => {
  const unasked = Array.from({ length: 20 }, () => ({ micros: 0, ms: 1, ok: false }));
  const failed = { micros: 40, ms: 400, ok: false };
  const free = { limits: { usd: 1, wall: "1m" } };

  expect(forecast(unasked)).toMatchObject({ micros: 50_000, costFrom: "limits" });
  expect(forecast([...unasked, ...SAMPLES])).toEqual(forecast(SAMPLES));
  expect(forecast([...unasked, ...SAMPLES, failed])).toMatchObject({ highMicros: 40 });
  expect(forecast(unasked, "1.0.0", free)).toMatchObject({ ms: 1, timeFrom: "attempts" });
});

test("what asks no paid model costs nothing, whatever its limits say", () => {
  const changes = { limits: { usd: 1, wall: "1m" } };

  expect(forecast([], "1.0.0", changes)).toMatchObject({ mostMicros: 0, costFrom: "attempts" });
});

test("forecasts add up, and are as sure as the least sure", () => {
  const one = { ...NO_FORECAST, micros: 1, ms: 2, attempts: 1 };
  const other = { ...NO_FORECAST, micros: 3, ms: 4, attempts: 1, costFrom: "limits" as const };

  expect(totalForecast([one, other])).toMatchObject({
    micros: 4,
    ms: 6,
    attempts: 2,
    costFrom: "limits",
    timeFrom: "attempts",
  });
  expect(totalForecast([])).toEqual(NO_FORECAST);
  expect(times(other, 5, 2)).toMatchObject({ micros: 15, ms: 12, attempts: 5 });
  expect(times(other, 0)).toEqual(NO_FORECAST);
});

function run(
  of: Pipeline,
  params = {},
  pipelines: Readonly<Record<string, Pipeline>> = {},
): Forecast {
  return pipelineForecast(of, {
    workspace: workspace([]),
    stats: stats(SAMPLES),
    agents: new Map([["writer", agent("writer", PAID)]]),
    pipelines: new Map(Object.entries(pipelines)),
    params,
  });
}

const EACH = { agent: "writer", forEach: "${{ params.list }}", itemKey: "${{ item }}" };

test("a list that parameters give counts as long as it is, another one as long as it may be", () => {
  const found = pipeline([step("write", { ...EACH, maxParallel: 2, maxItems: 7 })]);
  const unknown = pipeline([
    step("write", { ...EACH, forEach: "${{ steps.find.outputs.list }}", maxItems: 7 }),
  ]);

  expect(run(found, { list: ["a", "b", "c"] })).toMatchObject({ micros: 9, ms: 60, attempts: 3 });
  expect(run(found, { list: [] })).toMatchObject({ micros: 0, ms: 0, attempts: 0 });
  expect(run(unknown)).toMatchObject({ micros: 21, attempts: 7 });
  expect(run(pipeline([step("write", EACH)]))).toMatchObject({ attempts: 100 });
});

test("the most that a run can cost holds every further attempt, iteration and step for its failure", () => {
  const of = pipeline(
    [step("write", { agent: "writer", retry: { limit: 3 }, repeat: { until: "true", max: 4 } })],
    { onFailure: [step("tell", { agent: "writer", retry: { limit: 1 } })] },
  );

  expect(run(of)).toMatchObject({ micros: 3, mostMicros: (3 * 4 + 1) * 50_000 });
});

test("steps that need each other take their times one after the other, others beside each other", () => {
  const of = pipeline([
    step("a", { agent: "writer" }),
    step("b", { agent: "writer" }),
    step("c", { agent: "writer", needs: ["a"] }),
  ]);

  expect(run(of)).toMatchObject({ ms: 60, highMs: 600, micros: 9 });
});

test("a pipeline that is called counts for each item", () => {
  const called = pipeline([step("write", { agent: "writer" })]);
  const of = pipeline([pipelineStep("each", "letters", { maxItems: 4 })]);

  expect(run(of, {}, { letters: called })).toMatchObject({
    micros: 12,
    attempts: 4,
    mostMicros: 4 * 2 * 50_000,
  });
});

test("a forecast is told with what it rests on, and compared with what came", () => {
  const warm = { ...NO_FORECAST, micros: 20_000, highMicros: 50_000, ms: 60_000, attempts: 2 };

  expect(forecastWords(warm)).toBe(
    "about 0.02 USD, in 95 of 100 cases at most 0.05 USD, with 2 attempts, about 1 min at work",
  );
  expect(forecastWords({ ...warm, costFrom: "limits", attempts: 1 })).toBe(
    "at most 0.05 USD by the limits of its agents, with 1 attempt (too few are known to say more)",
  );
  expect([20_000, 20_001, 50_001].map((cost) => comparedWords(warm, cost))).toEqual([
    "within what was likely",
    "more than likely, within what was foreseen",
    "more than was foreseen",
  ]);
  expect(comparedWords({ ...warm, costFrom: "limits" }, 1)).toBe("within that");
});
