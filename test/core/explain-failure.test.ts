import { expect, test } from "vitest";
import { explain } from "#runner/core/explain/explain.ts";
import { closedRun, workspace } from "../report/example.ts";
import { observed } from "../report/example-observed.ts";
import { plan } from "../report/example-plan.ts";

test.each([
  ["failed", "chase-invoices", true],
  ["succeeded", "chase-invoices", false],
  ["failed", "goal.no-silent-overdue", false],
] as const)(
  "a run that has %s, of %s, says how it is tried again: %s",
  (result, pipeline, isSaid) => {
    const id = `${pipeline}.d1d2d3d4d5d6`;
    const failed = { ...closedRun, result, run: { ...closedRun.run, id, pipeline } };

    const explained = explain(id, { workspace, observed, plan, closed: new Map([[id, failed]]) });

    const isTold = JSON.stringify(explained).includes(`["fettle","retry","${id}"]`);
    expect(isTold).toBe(isSaid);
  },
);
