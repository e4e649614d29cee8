import { expect, test } from "vitest";
import { renderStatus } from "#runner/report/status-text.ts";
import type { Hold } from "#runner/core/action.ts";
import { gate, look, workspace } from "./example.ts";
import { observed } from "./example-observed.ts";
import { emptyPlan } from "./example-plan.ts";

test("a gate whose branch is gone says what becomes of it and how to keep it, not how to look at it", () => {
  const { run, step } = gate;
  const hold: Hold = {
    project: gate.project,
    subject: `step:${run}/${step}`,
    reason: "branch-missing",
    why: "the branch is gone",
    unblock: "git branch it back",
    until: null,
  };

  const text = renderStatus({ workspace, observed, plan: { ...emptyPlan, holds: [hold] } }, look);

  expect(text).toContain("    the branch is gone\n    fix      git branch it back\n    reject ");
  expect(text).not.toContain("look ");
  expect(text).not.toContain("HELD");
});
