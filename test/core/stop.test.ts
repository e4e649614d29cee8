import { expect, test } from "vitest";
import { planProject } from "#runner/core/project-plan.ts";
import { stopOf, type StopScope } from "#runner/core/stop.ts";
import type { StopRequest } from "#runner/schema/types.gen.ts";
import { goal, live, NOW, project, projectContext } from "../support/core-builders.ts";
import { ADA, pending } from "../support/core-records.ts";

function stop(scope: StopScope = {}): StopRequest {
  return { id: "stop-1", kind: "stop", by: ADA, reason: "wrong prices", at: NOW, ...scope };
}

test.each<[StopScope, { project: string; pipeline?: string }, boolean]>([
  [{}, { project: "shop" }, true],
  [{}, { project: "shop", pipeline: "mail" }, true],
  [{ project: "shop" }, { project: "shop", pipeline: "mail" }, true],
  [{ project: "shop" }, { project: "studio" }, false],
  [{ project: "shop", pipeline: "mail" }, { project: "shop" }, false],
  [{ project: "shop", pipeline: "mail" }, { project: "shop", pipeline: "mail" }, true],
  [{ project: "shop", pipeline: "mail" }, { project: "shop", pipeline: "note" }, false],
  [{ project: "shop", pipeline: "mail" }, { project: "studio", pipeline: "mail" }, false],
])("a stop of %j concerns %j: %s", (scope, about, isConcerned) => {
  expect(stopOf([stop(scope)], about) !== undefined).toBe(isConcerned);
});

test("a project that is stopped measures nothing and delivers nothing, and says who stopped it", () => {
  const version = project({ manifest: { goals: { paid: goal() } } });
  const own = live({ pending: [pending("projects/shop/note.md")] });
  const going = planProject(projectContext(version, { live: own }));
  const stopped = planProject(projectContext(version, { live: own, requests: [stop()] }));

  expect(going.actions.map(({ kind }) => kind)).toContain("goal-measure");
  expect(stopped.actions).toEqual([]);
  expect(stopped.holds).toMatchObject([
    {
      reason: "stopped",
      why: `stopped by ${ADA} at ${NOW}: wrong prices`,
      unblock: "fettle start",
    },
  ]);
});
