import { expect, test } from "vitest";
import { requestOf, type Wish } from "#runner/loop/request.ts";
import { makeRepository } from "../support/git-repo.ts";

const NOW = "2026-03-02T09:00:00.000Z";
const LATER = "2026-03-02T09:00:00.001Z";
const wish: Wish = {
  kind: "snooze",
  project: "shop",
  gate: "note-1",
  until: "2026-03-04T09:00:00.000Z",
  reason: "",
};

test("A request is made now, or at the time that the wish carries; its id follows from that.", async () => {
  const repository = await makeRepository().open();
  const engine = { repository, clock: () => NOW };

  const now = await requestOf(engine, wish);
  const later = await requestOf(engine, { ...wish, at: LATER });

  expect([now.at, later.at]).toEqual([NOW, LATER]);
  expect(later.id).not.toBe(now.id);
});
