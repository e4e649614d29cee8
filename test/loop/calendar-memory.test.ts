import { expect, test } from "vitest";
import { dueTimes, knownGaps } from "#runner/core/time/calendar.ts";
import { CACHE_VERSION, cacheVersion } from "#runner/loop/cache-version.ts";
import { keepCalendar, recallCalendar } from "#runner/loop/calendar-memory.ts";
import { Cache } from "#runner/repo/cache.ts";
import { makeFolder } from "../support/git-repo.ts";

const KEY = `calendar-${CACHE_VERSION}`;
const SUNDAY = "2026-11-22T00:00:00.000Z";
const MONDAY = "2026-11-23T08:00:00.000Z";

test("what was kept is known again", async () => {
  const cache = new Cache(makeFolder());
  await cache.put(KEY, { "UTC 0 8 * * 1": { after: SUNDAY, next: MONDAY } });

  await recallCalendar(cache);

  expect(knownGaps()).toMatchObject({ "UTC 0 8 * * 1": { after: SUNDAY, next: MONDAY } });
});

test.each([
  "a text",
  null,
  {},
  { after: SUNDAY },
  { after: "2026", next: null },
  { after: SUNDAY, next: 3 },
  { after: SUNDAY, next: "later" },
  { after: MONDAY, next: SUNDAY },
])("a damaged entry (%j) hides no due time", async (damaged) => {
  const cache = new Cache(makeFolder());
  await cache.put(KEY, { "UTC 0 8 * * 2": damaged });

  await recallCalendar(cache);

  const window = { after: SUNDAY, until: "2026-11-29T00:00:00.000Z", cap: 5 };
  expect(dueTimes({ cron: "0 8 * * 2", timezone: "UTC" }, window)).toEqual([
    "2026-11-24T08:00:00.000Z",
  ]);
});

test.each(["a text", null, 7])("a memory that is %j is none", async (damaged) => {
  const cache = new Cache(makeFolder());
  await cache.put(KEY, damaged);

  await expect(recallCalendar(cache)).resolves.toBeUndefined();
});

test("other time zone data has a memory of its own", async () => {
  const versions = [
    { tz: "2026a", icu: "77.1" },
    { tz: "2026b", icu: "77.1" },
    { icu: "78.1" },
    {},
  ];

  const keys = versions.map((data) => `calendar-${cacheVersion(data)}`);

  expect(new Set(keys).size).toBe(versions.length);
  const cache = new Cache(makeFolder());
  for (const key of keys) await cache.put(key, {});
  await keepCalendar(cache);
  expect(await cache.get(KEY)).toEqual(knownGaps());
});
