import { expect, test } from "vitest";
import { changedForecasts } from "#runner/core/changed-forecast.ts";
import { changedForecastText } from "#runner/report/check-text.ts";
import { agent, pipeline, project, step, workspace } from "../support/core-builders.ts";

const PAID = { runtime: { model: "big", prompt: "prompt.md" } };

function shop(digest: string, usd: number, names: readonly string[]): ReturnType<typeof project> {
  const steps = [step("write", { agent: "writer" })];
  const pipelines = Object.fromEntries(names.map((name) => [name, pipeline(steps)]));
  const agents = [agent("writer", { ...PAID, limits: { usd, wall: "2m" } })];
  return { ...project({ pipelines, agents }), digest };
}

test("A run of each pipeline of a project that is changed is foreseen before and after; what is as it was is not told.", () => {
  const same = { ...shop("c", 1, ["brief"]), name: "same" };
  const before = workspace([shop("a", 0.05, ["letters", "old"]), same]);
  const after = workspace([shop("b", 0.5, ["letters", "new"]), same]);

  const changed = changedForecasts(before, after, new Map());

  expect(changed.map(({ of }) => of)).toEqual(["shop/letters", "shop/new", "shop/old"]);
  expect(changedForecastText(changed)).toBe(
    [
      "a run of shop/letters: at most 0.5 USD by the limits of its agents, with 1 attempt (too few are known to say more)",
      "  before: at most 0.05 USD by the limits of its agents, with 1 attempt (too few are known to say more)",
      "a run of shop/new: at most 0.5 USD by the limits of its agents, with 1 attempt (too few are known to say more)",
      "a run of shop/old: is gone",
      "",
    ].join("\n"),
  );
  expect(changedForecasts(after, after, new Map())).toEqual([]);
});
