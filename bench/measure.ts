/** Samples taken in turns, so that a busy moment of the machine meets every side alike; ratios with a bootstrap bound. */

export type Measured = () => void | Promise<void>;

/** Milliseconds of each contender, round by round; the first round warms up and is not kept. */
export async function inTurns(
  contenders: readonly Measured[],
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const samples: number[][] = contenders.map(() => []);
  for (let round = -1; round < rounds; round += 1) {
    // Whoever comes first changes: what runs next suffers from what ran before.
    for (const at of contenders.keys()) {
      const turn = (at + round + 1) % contenders.length;
      const ms = await timed(contenders[turn] ?? nothing);
      if (round >= 0) samples[turn]?.push(ms);
    }
  }
  return samples;
}

function nothing(): void {}

export async function timed(measured: Measured): Promise<number> {
  const start = performance.now();
  await measured();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** A median with the bounds between which it lies in 95 of 100 resamplings, each side counted on its own. */
export interface Estimate {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

const RESAMPLES = 1000;

export function estimate(values: readonly number[]): Estimate {
  const random = generator(values.length);
  const medians = Array.from({ length: RESAMPLES }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  ).toSorted((a, b) => a - b);
  const at = (share: number): number => medians[Math.floor(share * RESAMPLES)] ?? Number.NaN;
  return { median: median(values), lower: at(0.05), upper: at(0.95) };
}

/** Round by round, `of` over `to`. */
export function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((value, round) => value / (to[round] ?? Number.NaN));
}

/** Mulberry32: the same samples give the same bounds. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
