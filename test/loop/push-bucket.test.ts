import { expect, test } from "vitest";
import { addMs } from "#runner/core/time/instant.ts";
import { PushBucket } from "#runner/loop/push-bucket.ts";

const START = "2026-11-22T10:00:00.000Z";

test("six pushes a minute, and again when a minute has passed since the first", () => {
  const bucket = new PushBucket();
  const at = (seconds: number): boolean => bucket.take(addMs(START, seconds * 1000));

  expect([0, 1, 2, 3, 4, 5, 6, 59].map(at)).toEqual([...Array(6).fill(true), false, false]);
  expect([60, 60.5, 61].map(at)).toEqual([true, false, true]);
});
