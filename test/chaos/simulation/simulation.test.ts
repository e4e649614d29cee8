import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";

/** `npm run chaos` for a long night; `FETTLE_FIRST_SEED` to go on from there. */
const SEEDS = Number(process.env["FETTLE_SEEDS"] ?? 500);
const FIRST = Number(process.env["FETTLE_FIRST_SEED"] ?? 1);

test(
  "Whatever crashes, pauses or answers too late: every effect once, every result once, every cap kept, everything comes to its end.",
  () => {
    const broken: string[] = [];
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      const { violations } = simulate(seed);
      if (violations.length > 0) broken.push(`seed ${seed}: ${violations.join("; ")}`);
      if (broken.length > 4) break;
    }

    expect(broken).toEqual([]);
  },
  60_000 + 300 * SEEDS,
);
