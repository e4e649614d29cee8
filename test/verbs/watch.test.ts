import { expect, test } from "vitest";
import { addMs } from "#runner/core/time/instant.ts";
import { watch } from "#runner/verbs/watch.ts";
import { noteCompany } from "../support/company.ts";
import { addOrigin, makeRepository } from "../support/git-repo.ts";
import { Rehearsal } from "../support/rehearsal.ts";

const MONDAY = "2026-11-23T09:00:00.000Z";

/** How many ticks there are while nothing moves here for an hour, in which the clock is read every ten minutes. */
async function ticksOfAnHour(shop: Rehearsal): Promise<number> {
  return shop.write(async (engine) => {
    const stop = new AbortController();
    let now = MONDAY;
    let turns = 0;
    const clock = (): string => {
      now = addMs(now, 600_000);
      if (now > addMs(MONDAY, 3_600_000)) stop.abort();
      return now;
    };
    const context = { clock, notice: () => {}, signal: stop.signal, unheard: stop.signal };
    await watch(context, async (around) => {
      turns += 1;
      return around(engine, async () => {
        return { answer: { exit: "ok" }, nextWake: addMs(MONDAY, 7_200_000), ready: 0, view: null };
      });
    });
    return turns;
  });
}

test("Where an origin decides, it is looked at again and again, however far the next due time is.", async () => {
  const operator = makeRepository(noteCompany());
  addOrigin(operator);

  expect(await ticksOfAnHour(new Rehearsal({ files: {}, operator }))).toBeGreaterThan(1);
});

test("Without an origin nothing is done before something moves or is due.", async () => {
  expect(await ticksOfAnHour(new Rehearsal({ files: noteCompany() }))).toBe(1);
});
