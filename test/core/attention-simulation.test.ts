import { expect, test } from "vitest";
import { hoursAt } from "#runner/core/gate/attention-hours.ts";
import {
  inOrder,
  placesOf,
  type Desk,
  type Place,
  type Waiting,
} from "#runner/core/gate/attention.ts";
import { pressureOn } from "#runner/core/gate/back-pressure.ts";
import { localDay } from "#runner/core/time/calendar.ts";
import { NO_SUMMARIES } from "#runner/core/fold/fold.ts";
import { addMs } from "#runner/core/time/instant.ts";
import type { Observed } from "#runner/core/model.ts";
import type { Attention, QueuedGate } from "#runner/schema/types.gen.ts";
import { EMPTY, gateStep, live, openRun, pipeline, workspace } from "../support/core-builders.ts";
import { runRecord } from "../support/core-records.ts";

const HOUR = 3_600_000;
const DAYS = 10;
const CEILING = 5;
const PIPELINES = 20;
const timezone = "UTC";
const attention: Attention = { reviewsPerDay: CEILING, briefings: ["08:30", "16:00"] };

/** A number from 0 up to 1, the same for the same seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Candidate extends Waiting {
  readonly pipeline: string;
}

class Office {
  readonly queue = new Map<string, Candidate>();
  readonly shown: (Candidate & { readonly at: string })[] = [];
  readonly expired: Candidate[] = [];
  /** Times that somebody was shown before somebody more urgent, for whom there was no room. */
  overtaken = 0;
  readonly made: number[] = Array.from({ length: DAYS }, () => 0);
  readonly #roll: () => number;
  readonly #isUrgent: (roll: number) => boolean;
  readonly #mostRisk: number;
  #briefed: string | null = null;

  constructor(
    seed: number,
    { urgent, mostRisk }: { readonly urgent: number; readonly mostRisk: number },
  ) {
    this.#roll = dice(seed);
    this.#isUrgent = (roll) => roll < urgent;
    this.#mostRisk = mostRisk;
  }

  run(): void {
    for (let hour = 0; hour < DAYS * 24; hour += 1) this.#tick(hour);
  }

  get produced(): number {
    return this.made.reduce((sum, count) => sum + count, 0);
  }

  #tick(hour: number): void {
    const now = addMs("2026-03-02T00:31:00.000Z", hour * HOUR);
    for (const [id, gate] of this.queue) {
      if (gate.answerBy === null || gate.answerBy > now) continue;
      this.queue.delete(id);
      this.expired.push(gate);
    }
    // Twenty pipelines, five times a day each: a hundred candidates.
    if ([6, 9, 12, 15, 18].includes(hour % 24)) this.#produce(hour, now);
    this.#show(now);
  }

  #produce(hour: number, now: string): void {
    for (let index = 0; index < PIPELINES; index += 1) {
      const name = `p${index}`;
      if (this.#isHeldBack(name, now)) continue;
      const id = `${name}.${hour}`;
      const answerBy = this.#isUrgent(this.#roll()) ? addMs(now, 30 * HOUR) : null;
      this.made[Math.floor(hour / 24)] = (this.made[Math.floor(hour / 24)] ?? 0) + 1;
      this.queue.set(id, {
        id,
        pipeline: name,
        risk: Math.floor(this.#roll() * this.#mostRisk),
        items: 1 + Math.floor(this.#roll() * 5),
        costMicros: Math.floor(this.#roll() * 200_000),
        answerBy,
        since: now,
      });
    }
  }

  #isHeldBack(name: string, now: string): boolean {
    const runs = [...this.queue.values()].map(({ id, pipeline: of }) =>
      openRun(pipeline([gateStep("review", {})]), { record: runRecord({ id, pipeline: of }) }),
    );
    const queuedGates = Object.fromEntries(
      [...this.queue.keys()].map((id): [string, QueuedGate] => [
        id,
        { run: id, step: "review", since: now, answerBy: null },
      ]),
    );
    const gatesOpened = this.shown.map(({ at }) => at);
    const observed: Observed = {
      ...EMPTY,
      runs: new Map(runs.map((run) => [run.record.id, run])),
      summaries: {
        ...NO_SUMMARIES,
        workspace: { ...NO_SUMMARIES.workspace, gatesOpened },
        projects: new Map([["shop", live({ queuedGates })]]),
      },
    };
    const settings = { timezone, attention };
    const facts = { workspace: workspace([], { settings }), observed, now };
    return pressureOn(facts, { project: "shop", pipeline: name }) !== null;
  }

  #show(now: string): void {
    const today = localDay(now, timezone);
    const used = this.shown.filter(({ at }) => localDay(at, timezone) === today).length;
    const desk: Desk = {
      now,
      hours: hoursAt({ attention, timezone }, now),
      left: CEILING - used,
      gateFrom: 60,
      critical: 80,
      briefed: this.#briefed,
      more: null,
    };
    const waiting = [...this.queue.values()];
    const places = placesOf(waiting, desk);
    const full = inOrder(waiting, desk).findIndex(({ id }) => isFull(places.get(id)));
    for (const [index, { id }] of inOrder(waiting, desk).entries()) {
      const [place, gate] = [places.get(id), this.queue.get(id)];
      if (place === undefined || place.kind === "waits" || gate === undefined) continue;
      // Whoever is shown comes before all that did not fit any more.
      if (full >= 0 && index > full) this.overtaken += 1;
      if (place.kind === "briefing") this.#briefed = place.at;
      this.queue.delete(id);
      this.shown.push({ ...gate, at: now });
    }
  }
}

function isFull(place: Place | undefined): boolean {
  return place?.kind === "waits" && place.why === "ceiling";
}

test.each([1, 2, 3])(
  "a hundred candidates a day before an operator who looks at five, seed %i",
  (seed) => {
    const office = new Office(seed, { urgent: 0, mostRisk: 100 });
    office.run();

    const days = Map.groupBy(office.shown, ({ at }) => localDay(at, timezone));
    // Never above, and never less than the day allows while so many wait.
    expect([...days.values()].map((shown) => shown.length)).toEqual(
      Array.from({ length: DAYS }, () => CEILING),
    );
    // The most urgent first.
    expect(office.overtaken).toBe(0);
    // Nothing is lost.
    expect(office.shown.length + office.queue.size + office.expired.length).toBe(office.produced);
    // Producers slow down: what they have made they would otherwise have made on the first day.
    expect(office.made[0]).toBeLessThanOrEqual(100);
    expect(office.produced).toBeLessThan(DAYS * 30);
  },
);

test.each([4, 5, 6])(
  "what has a deadline is shown in time while nothing critical takes its place, seed %i",
  (seed) => {
    const office = new Office(seed, { urgent: 0.06, mostRisk: 80 });
    office.run();

    expect(office.shown.filter(({ answerBy }) => answerBy !== null).length).toBeGreaterThan(0);
    expect(office.expired).toEqual([]);
  },
);
