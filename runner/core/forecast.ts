/** What work will probably cost and how long it will take, from the last attempts, else from limits. */
import type { Forecast } from "./action.ts";
import { microsOf } from "#runner/core/money/amount.ts";
import { isPaid } from "#runner/core/money/demand.ts";
import { durationMs } from "#runner/core/time/duration.ts";
import type { AgentVersion, Summaries, Workspace } from "./model.ts";
import type { RunRecord, Sample } from "#runner/schema/types.gen.ts";

export const NO_FORECAST: Forecast = {
  micros: 0,
  ms: 0,
  highMicros: 0,
  highMs: 0,
  mostMicros: 0,
  attempts: 0,
  costFrom: "attempts",
  timeFrom: "attempts",
};

/** Fewer say nothing about the next one. */
const FEWEST_SAMPLES = 5;

export interface Experience {
  readonly workspace: Pick<Workspace, "settings">;
  readonly stats: Summaries["stats"];
}

type Known = Pick<Forecast, "micros" | "ms" | "highMicros" | "highMs">;

const known = new WeakMap<readonly Sample[], Known>();
const asked = new WeakMap<readonly Sample[], readonly Sample[]>();

/** One attempt of the agent at this version. */
export function forecastOf({ workspace, stats }: Experience, agent: AgentVersion): Forecast {
  const { limits, version } = agent.manifest;
  const mostMicros = isPaid(workspace, agent) ? microsOf(limits.usd) : 0;
  const made = stats.get(agent.name)?.versions[version] ?? [];
  const samples = mostMicros === 0 ? made : thoseThatAsked(made);
  const isCold = samples.length < FEWEST_SAMPLES;
  const ms = durationMs(limits.wall);
  const likely = isCold
    ? { micros: mostMicros, ms, highMicros: mostMicros, highMs: ms }
    : likelyOf(samples);
  const timeFrom = isCold ? "limits" : "attempts";
  // What can cost nothing costs nothing, however little is known.
  const costFrom = mostMicros === 0 ? "attempts" : timeFrom;
  return { ...likely, mostMicros, attempts: 1, costFrom, timeFrom };
}

/** An attempt that failed and cost nothing never came to ask a model: it says nothing about the next one. */
function thoseThatAsked(samples: readonly Sample[]): readonly Sample[] {
  const found = asked.get(samples) ?? samples.filter(({ ok, micros }) => ok || micros > 0);
  asked.set(samples, found);
  return found;
}

/** What a run keeps of it, for whoever looks back; nothing where it could cost nothing. */
export function recordedForecast(forecast: Forecast): Pick<RunRecord, "forecast"> {
  return forecast.mostMicros === 0 ? {} : { forecast: { ...forecast } };
}

function likelyOf(samples: readonly Sample[]): Known {
  const found = known.get(samples) ?? {
    micros: percentile(samples, ({ micros }) => micros, 50),
    ms: percentile(samples, ({ ms }) => ms, 50),
    highMicros: percentile(samples, ({ micros }) => micros, 95),
    highMs: percentile(samples, ({ ms }) => ms, 95),
  };
  known.set(samples, found);
  return found;
}

/** The least of the values that so many of 100 do not exceed. */
export function percentile<Of>(
  samples: readonly Of[],
  valueOf: (sample: Of) => number,
  share: number,
): number {
  const sorted = samples.map(valueOf).toSorted((a, b) => a - b);
  return sorted[Math.ceil((share / 100) * sorted.length) - 1] ?? 0;
}

/** The same so many times, so many of them beside each other. */
export function times(one: Forecast, count: number, places = 1): Forecast {
  if (count === 0) return NO_FORECAST;
  const turns = Math.ceil(count / places);
  return {
    ...one,
    micros: one.micros * count,
    ms: one.ms * turns,
    highMicros: one.highMicros * count,
    highMs: one.highMs * turns,
    mostMicros: one.mostMicros * count,
    attempts: one.attempts * count,
  };
}

/** One after the other. */
export function totalForecast(parts: readonly Forecast[]): Forecast {
  return parts.reduce(
    (sum, part) => ({
      micros: sum.micros + part.micros,
      ms: sum.ms + part.ms,
      highMicros: sum.highMicros + part.highMicros,
      highMs: sum.highMs + part.highMs,
      mostMicros: sum.mostMicros + part.mostMicros,
      attempts: sum.attempts + part.attempts,
      costFrom: lessSure(sum.costFrom, part.costFrom),
      timeFrom: lessSure(sum.timeFrom, part.timeFrom),
    }),
    NO_FORECAST,
  );
}

function lessSure(a: Forecast["costFrom"], b: Forecast["costFrom"]): Forecast["costFrom"] {
  return a === "limits" ? a : b;
}
