import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dueTimes, knownGaps, learnGaps, nextTime } from "#runner/core/time/calendar.ts";
import { addMs } from "#runner/core/time/instant.ts";

const START = "2026-01-01T00:00:00.000Z";
const CRONS = ["0 8 * * 1-5", "*/20 * * * *", "30 2 29 2 *", "0 0 1 * *"];
const ZONES = ["Europe/Berlin", "UTC", "America/New_York"];

const question = fc.record({
  cron: fc.constantFrom(...CRONS),
  timezone: fc.constantFrom(...ZONES),
  from: fc.nat(500),
  hours: fc.nat(200),
});

interface Asked {
  readonly cron: string;
  readonly timezone: string;
  readonly from: number;
  readonly hours: number;
}

function answer({ cron, timezone, from, hours }: Asked): unknown {
  const after = addMs(START, from * 3_600_000);
  const until = addMs(after, hours * 3_600_000);
  const due = dueTimes({ cron, timezone }, { after, until, cap: 5 });
  return [due, nextTime({ cron, timezone }, until), nextTime({ cron, timezone }, after)];
}

test("what is remembered of a calendar changes no answer, in whatever order it is asked", () => {
  fc.assert(
    fc.property(fc.array(question, { minLength: 2, maxLength: 12 }), (questions) => {
      const warm = questions.map(answer);
      const cold = questions.toReversed().map((asked) => {
        learnGaps(Object.fromEntries(Object.keys(knownGaps()).map((key) => [key, NOTHING])));
        return answer(asked);
      });

      expect(warm).toEqual(cold.toReversed());
    }),
    { numRuns: 60 },
  );
});

/** A gap in which nothing lies. */
const NOTHING = { after: "9999-01-01T00:00:00.000Z", next: null };
