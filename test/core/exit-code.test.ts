import { expect, test } from "vitest";
import { exitCodes } from "#runner/core/exit-code.ts";

test("the exit codes are the published ones, each with one meaning", () => {
  const codes = Object.fromEntries(
    Object.entries(exitCodes).map(([name, { code }]) => [name, code]),
  );

  expect(codes).toEqual({
    ok: 0,
    failed: 1,
    changes: 2,
    waiting: 3,
    auth: 4,
    refused: 5,
    lost: 6,
    usage: 64,
    invalid: 65,
    bug: 70,
    temporary: 75,
    interrupted: 130,
    terminated: 143,
  });
  expect(new Set(Object.values(exitCodes).map(({ meaning }) => meaning)).size).toBe(13);
});
