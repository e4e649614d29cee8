import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { heldRuns } from "#runner/core/held-run.ts";

function held(subject: string, reason: Hold["reason"] = "budget-exceeded"): Hold {
  return { project: "shop", subject, reason, why: "", unblock: "", until: null };
}

test("a run stands still where something holds it and nothing else is done for it", () => {
  const holds = [
    held("step:a.1/write"),
    held("step:b.1/write"),
    held("step:c.1/write", "outside-window"),
    held("step:d.1/review", "queued"),
    held("run:e.1", "stopped"),
    held("run:f.1", "lease-held"),
    held("step:g.1/write"),
    held("run:g.1", "lease-held"),
    held("pipeline:d"),
  ];
  const end = {
    kind: "wait-end",
    project: "shop",
    because: "",
    run: "b.1",
    step: "nap",
    since: "",
    until: null,
    outcome: "succeeded",
    reason: "",
  } as const;

  expect([...heldRuns({ actions: [end], holds })]).toEqual([
    ["a.1", "held"],
    ["c.1", "held"],
    ["d.1", "queued"],
    ["e.1", "held"],
  ]);
});
