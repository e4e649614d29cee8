/** Forecasts in words, and beside them what came of it. */
import { aboutWords, amountWords } from "#runner/core/money/amount-words.ts";
import type { RunForecast } from "#runner/schema/types.gen.ts";

/** `about 0.02 USD, in 95 of 100 cases at most 0.05 USD`. */
export function forecastWords(forecast: RunForecast): string {
  const { micros, highMicros, costFrom, attempts } = forecast;
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  if (costFrom === "limits") {
    return `at most ${amountWords("micros", highMicros)} by the limits of its agents, with ${tries} (too few are known to say more)`;
  }
  return `${aboutWords("micros", micros)}, in 95 of 100 cases at most ${amountWords("micros", highMicros)}, with ${tries}${timeWords(forecast)}`;
}

function timeWords({ ms, timeFrom }: RunForecast): string {
  return timeFrom === "limits" ? "" : `, ${aboutWords("ms", ms)} at work`;
}

/** How the cost stands to its forecast. */
export function comparedWords({ micros, highMicros, costFrom }: RunForecast, cost: number): string {
  if (cost > highMicros) return "more than was foreseen";
  if (costFrom === "limits") return "within that";
  return cost > micros ? "more than likely, within what was foreseen" : "within what was likely";
}
