import { branchAlone } from "#runner/core/gate/gate-state.ts";
import { NO_FORECAST } from "#runner/core/forecast.ts";
import { expect, test } from "vitest";
import type { Hold, Plan } from "#runner/core/action.ts";
import { isAtRest } from "#runner/core/rest.ts";
import { EMPTY } from "../support/core-builders.ts";
import { openGate } from "../support/core-records.ts";

const QUIET: Plan = {
  commit: "",
  tip: null,
  actions: [],
  holds: [],
  nextWake: null,
  forecast: NO_FORECAST,
  wants: [],
  queue: [],
};

function held(reason: Hold["reason"]): Hold {
  return { project: "shop", subject: "project", reason, why: "", unblock: "", until: null };
}

test("A tick is at rest when its plan holds no action.", () => {
  const action = { kind: "resource-prune", project: "shop", because: "" } as const;

  expect(isAtRest(QUIET, EMPTY, [])).toBe(true);
  expect(isAtRest({ ...QUIET, actions: [action] }, EMPTY, [])).toBe(false);
});

test("A hold that only an edit or an answer lifts is no reason to look again.", () => {
  const holds = [held("awaiting-approval"), held("suspended")];

  expect(isAtRest({ ...QUIET, holds }, EMPTY, holds)).toBe(true);
});

test("A queued run may be dropped by time alone, without a time that was told.", () => {
  const holds = [held("concurrency")];

  expect(isAtRest({ ...QUIET, holds }, EMPTY, holds)).toBe(false);
});

test("A hold that is not in the plan, such as a conflict in the work tree, is looked at again.", () => {
  expect(isAtRest(QUIET, EMPTY, [held("worktree-conflict")])).toBe(false);
});

test("A gate whose branch was missing once is decided by the next tick.", () => {
  const { record } = openGate({ absentSince: "2026-11-22T10:00:00.000Z" });
  const gates = new Map([[record.id, { record, facts: branchAlone(null) }]]);

  expect(isAtRest(QUIET, { ...EMPTY, gates }, [])).toBe(false);
});
