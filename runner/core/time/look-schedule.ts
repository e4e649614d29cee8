/** How often GitHub looks by itself. */
import { durationMs } from "./duration.ts";
import type { Actions } from "#runner/schema/types.gen.ts";

export type LookEvery = NonNullable<Actions["every"]>;

export const LOOK_EVERY = "2h" satisfies LookEvery;

/** Not at the full hour, when GitHub is busiest. */
const CRONS: Readonly<Record<LookEvery, string>> = {
  "15m": "2,17,32,47 * * * *",
  "30m": "17,47 * * * *",
  "1h": "17 * * * *",
  "2h": "17 */2 * * *",
  "3h": "17 */3 * * *",
  "4h": "17 */4 * * *",
  "6h": "17 */6 * * *",
  "8h": "17 */8 * * *",
  "12h": "17 */12 * * *",
  "1d": "17 5 * * *",
};

export function lookCron({ every = LOOK_EVERY }: Pick<Actions, "every">): string {
  return CRONS[every];
}

/** How many times it looks in so long. */
export function looksIn(ms: number, { every = LOOK_EVERY }: Pick<Actions, "every">): number {
  return Math.ceil(Math.max(0, ms) / durationMs(every));
}
