/** What an attempt will probably cost, from the last ones. */
import type { Forecast } from "./action.ts";
import type { AgentVersion, Summaries } from "./model.ts";
import type { Sample } from "#runner/schema/types.gen.ts";

export const NO_FORECAST: Forecast = { micros: 0, ms: 0 };

const forecasts = new WeakMap<readonly Sample[], Forecast>();

/** Median cost and duration of the agent's last attempts at this version; nothing known counts as nothing. */
export function forecastOf(stats: Summaries["stats"], agent: AgentVersion): Forecast {
  const samples = stats.get(agent.name)?.versions[agent.manifest.version];
  if (samples === undefined) return NO_FORECAST;
  const found = forecasts.get(samples) ?? {
    micros: median(samples, "micros"),
    ms: median(samples, "ms"),
  };
  forecasts.set(samples, found);
  return found;
}

/** The same so many times. */
export function times({ micros, ms }: Forecast, count: number): Forecast {
  return { micros: micros * count, ms: ms * count };
}

function median(samples: readonly Sample[], field: "micros" | "ms"): number {
  const sorted = samples.map((sample) => sample[field]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export function totalForecast(parts: readonly Forecast[]): Forecast {
  return {
    micros: parts.reduce((sum, part) => sum + part.micros, 0),
    ms: parts.reduce((sum, part) => sum + part.ms, 0),
  };
}
