import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { runsShortOfMoney } from "#runner/core/short-of-money.ts";

function held(subject: string, reason: Hold["reason"] = "budget-exceeded"): Hold {
  return { project: "shop", subject, reason, why: "", unblock: "", until: null };
}

test("a run is short of money where a cap holds it and nothing else is done for it", () => {
  const holds = [
    held("step:a.1/write"),
    held("step:b.1/write"),
    held("step:c.1/write", "budget-reserved"),
    held("pipeline:d"),
  ];
  const start = { kind: "wait-end", project: "shop", because: "", run: "b.1" } as const;
  const end = {
    ...start,
    step: "nap",
    since: "",
    until: null,
    outcome: "succeeded",
    reason: "",
  } as const;

  expect([...runsShortOfMoney({ actions: [end], holds })]).toEqual(["a.1"]);
});
