import { expect, test } from "vitest";
import { levelStanding, worstLevel } from "#runner/core/slo.ts";
import { missedLevels } from "#runner/core/slo-words.ts";
import type { RunSample } from "#runner/schema/types.gen.ts";
import {
  agent,
  live,
  observed,
  pipeline,
  pipelineState,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";

function samples(count: number, slow: number, failed = 0): RunSample[] {
  return Array.from({ length: count }, (_, index) => ({
    ms: index < slow ? 9_000 : 1_000,
    ok: index >= failed,
  }));
}

test.each([
  ["fewer than ten", samples(9, 0), "unknown", "unknown"],
  ["ten good ones", samples(10, 0), "met", "met"],
  ["twenty of which one is slow", samples(20, 1), "met", "met"],
  ["twenty of which two are slow", samples(20, 2), "missed", "met"],
  ["fifty of which one has failed", samples(50, 0, 1), "met", "met"],
  ["fifty of which two have failed", samples(50, 0, 2), "met", "missed"],
] as const)("With %s the levels stand as they should.", (_, of, latency, success) => {
  expect(levelStanding({ latencyP95: "5s", success: 0.98 }, of)).toMatchObject({
    latency,
    success,
  });
});

test("what is not asked for is not missed, and the worst of several counts", () => {
  expect(levelStanding({ success: 0.5 }, samples(20, 20))).toMatchObject({
    latency: "none",
    success: "met",
  });
  expect(levelStanding(undefined, samples(20, 20))).toMatchObject({ success: "none" });
  expect(worstLevel(["none", "met", "missed", "unknown"])).toBe("missed");
  expect(worstLevel(["none", "met", "unknown"])).toBe("unknown");
  expect(worstLevel([])).toBe("none");
});

test("missed levels of agents, of their newest version alone, and of pipelines are named", () => {
  const slow = samples(20, 2).map((sample) => ({ ...sample, micros: 0 }));
  const slo = { latencyP95: "5s", success: 0.9 };
  const shop = project({
    pipelines: { letters: pipeline([step("write", { agent: "writer" })], { slo }) },
    agents: [agent("writer", { slo }), agent("clerk", { slo, version: "2.0.0" })],
  });
  const state = pipelineState({ samples: samples(10, 0, 3) });
  const seen = observed([live({ pipelines: { letters: state } })]);
  const stats = new Map(
    ["writer", "clerk"].map((name) => [name, { agent: name, versions: { "1.0.0": slow } }]),
  );

  expect(
    missedLevels(workspace([shop]), { ...seen, summaries: { ...seen.summaries, stats } }),
  ).toEqual([
    {
      of: "agent writer",
      text: "95 of 100 take up to 9 s, asked for are 5 s: missed (last 20)",
    },
    {
      of: "pipeline shop/letters",
      text: "70 % succeed, asked for are 90 %: missed (last 10)",
    },
  ]);
});
