/** Service levels against what was measured. */
import { durationMs } from "#runner/core/time/duration.ts";
import { percentile } from "./forecast.ts";
import type { RunSample, Slo } from "#runner/schema/types.gen.ts";

/** `none`: nothing is asked for; `unknown`: too little is known. */
export type LevelState = "none" | "unknown" | "met" | "missed";

export interface LevelStanding {
  readonly latency: LevelState;
  readonly success: LevelState;
  /** Of the samples; null where too few are known. */
  readonly latencyMs: number | null;
  readonly share: number | null;
  readonly samples: number;
}

/** Fewer say nothing. */
const FEWEST_SAMPLES = 10;

export function levelStanding(slo: Slo | undefined, samples: readonly RunSample[]): LevelStanding {
  const { latencyP95, success } = slo ?? {};
  const isKnown = samples.length >= FEWEST_SAMPLES;
  const latencyMs = isKnown ? percentile(samples, ({ ms }) => ms, 95) : null;
  const share = isKnown ? samples.filter(({ ok }) => ok).length / samples.length : null;
  return {
    latency: stateOf(latencyP95, latencyMs, (asked, found) => found <= durationMs(asked)),
    success: stateOf(success, share, (asked, found) => found >= asked),
    latencyMs,
    share,
    samples: samples.length,
  };
}

function stateOf<Asked>(
  asked: Asked | undefined,
  found: number | null,
  isMet: (asked: Asked, found: number) => boolean,
): LevelState {
  if (asked === undefined) return "none";
  if (found === null) return "unknown";
  return isMet(asked, found) ? "met" : "missed";
}

const WORST: readonly LevelState[] = ["missed", "unknown", "met", "none"];

/** The worst of several. */
export function worstLevel(states: readonly LevelState[]): LevelState {
  return WORST.find((state) => states.includes(state)) ?? "none";
}
