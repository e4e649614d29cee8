import { expect, test } from "vitest";
import { renderTick } from "#runner/report/tick-text.ts";
import { look } from "./example.ts";
import { plan } from "./example-plan.ts";
import type { Hold } from "#runner/core/action.ts";

const inTheWay: Hold = {
  project: null,
  subject: "delivery",
  reason: "worktree-conflict",
  why: "your changes to note.md are in the way",
  unblock: "commit or stash them, then fettle reconcile",
  until: null,
};

test.each([
  ["nothing was due", 0, [], "≡ nothing to do"],
  ["people are waited for", 0, plan.holds, "≡ nothing to do"],
  ["what was due was held by the tick", 0, [...plan.holds, inTheWay], "! nothing done: see HELD"],
  ["something was done", 2, [inTheWay], "✓ done: 2 changes recorded"],
])("where %s, the first line says so", (_, booked, holds, line) => {
  const text = renderTick({ booked, end: { kind: "settled" }, holds, status: "" }, look);

  expect(text.split("\n")[0]).toBe(line);
});
