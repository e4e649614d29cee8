import { expect, test } from "vitest";
import { forecastOf, totalForecast } from "#runner/core/forecast.ts";
import type { Sample } from "#runner/schema/types.gen.ts";
import { agent } from "../support/core-builders.ts";

function forecast(
  samples: readonly (readonly [micros: number, ms: number])[],
  version = "1.0.0",
): object {
  const kept: Sample[] = samples.map(([micros, ms]) => ({ micros, ms, ok: true }));
  return forecastOf(
    new Map([["writer", { agent: "writer", versions: { [version]: kept } }]]),
    agent("writer"),
  );
}

test("the middle of the last attempts is what the next one will probably take", () => {
  expect(
    forecast([
      [1, 30],
      [1000, 10],
      [2, 20],
    ]),
  ).toEqual({ micros: 2, ms: 20 });
  expect(forecast([[5, 6]])).toEqual({ micros: 5, ms: 6 });
});

test("nothing known counts as nothing: of another version, of another agent, of none", () => {
  expect(forecast([[5, 6]], "2.0.0")).toEqual({ micros: 0, ms: 0 });
  expect(forecast([])).toEqual({ micros: 0, ms: 0 });
  expect(forecastOf(new Map(), agent("writer"))).toEqual({ micros: 0, ms: 0 });
});

test("forecasts add up", () => {
  expect(
    totalForecast([
      { micros: 1, ms: 2 },
      { micros: 3, ms: 4 },
    ]),
  ).toEqual({ micros: 4, ms: 6 });
  expect(totalForecast([])).toEqual({ micros: 0, ms: 0 });
});
