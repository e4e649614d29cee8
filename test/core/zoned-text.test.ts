import { expect, test } from "vitest";
import type { Hold } from "#runner/core/action.ts";
import { plan } from "#runner/core/plan.ts";
import { zonedText } from "#runner/core/zoned-text.ts";
import { live, observed, pipeline, project, workspace } from "../support/core-builders.ts";

test.each([
  ["held until 2026-11-26T09:00:00Z", "held until 2026-11-26 10:00 (Europe/Berlin)"],
  ["at 2026-07-01T22:30:00.123Z: no", "at 2026-07-02 00:30 (Europe/Berlin): no"],
  ["(2026-11-26T09:00Z)", "(2026-11-26 10:00 (Europe/Berlin))"],
  ["key mail/2026-11-26T09:00:00Z", "key mail/2026-11-26T09:00:00Z"],
  ["2026-11-26T09:00:00Z/ann", "2026-11-26T09:00:00Z/ann"],
  ["on 2026-11-26", "on 2026-11-26"],
])("%s is told as %s", (text, told) => {
  expect(zonedText(text, "Europe/Berlin")).toBe(told);
});

test("every hold of a plan tells instants by the clock of the workspace", () => {
  const shop = project({ pipelines: { note: pipeline([]) } });
  const stop = {
    kind: "stop",
    id: "stop-1",
    by: "ada",
    at: "2026-11-22T10:00:00.000Z",
    reason: "",
    project: "shop",
  } as const;
  const desired = workspace([shop], { settings: { timezone: "Europe/Berlin" } });
  const facts = observed([live()], { requests: [stop] });

  const { holds } = plan(desired, facts, "2026-11-22T11:00:00.000Z");

  const [hold] = holds.filter(({ reason }: Hold) => reason === "stopped");
  expect(hold?.why).toBe("stopped by ada at 2026-11-22 11:00 (Europe/Berlin)");
});
