import { expect, test } from "vitest";
import { steadyClock } from "#runner/loop/steady-clock.ts";
import { StateStore } from "#runner/repo/state-store.ts";
import { makeRepository } from "../support/git-repo.ts";

const NOW = "2026-11-22T10:00:00.000Z";

async function clockAfter(recorded: string): Promise<() => string> {
  const repository = await makeRepository().open();
  const author = { name: "fettle", email: "runner@fettle.invalid" };
  const store = new StateStore({ repository, author });
  await store.commit({
    subject: "recorded",
    trailers: [["Fettle-At", recorded]],
    stateFiles: new Map([["format.json", "{}\n"]]),
    payload: [],
    alsoRefs: [],
    at: 1_700_000_000,
  });
  try {
    return await steadyClock(() => NOW, store);
  } finally {
    await store.close();
  }
}

test("a runner whose clock is behind what is recorded goes on from there", async () => {
  const clock = await clockAfter("2026-11-22T10:00:07.500Z");

  expect([clock(), clock()]).toEqual(["2026-11-22T10:00:07.501Z", "2026-11-22T10:00:07.502Z"]);
});

test("a runner whose clock is ahead keeps its own time", async () => {
  const clock = await clockAfter("2026-11-22T09:59:00.000Z");

  expect([clock(), clock()]).toEqual([NOW, "2026-11-22T10:00:00.001Z"]);
});

test("a record from the far future is not followed", async () => {
  const clock = await clockAfter("2036-11-22T10:00:00.000Z");

  expect(clock()).toBe(NOW);
});
