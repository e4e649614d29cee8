import { expect, test } from "vitest";
import type { FileTexts } from "../support/git-repo.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { type Play, Rehearsal } from "../support/rehearsal.ts";

const OUTPUTS = {
  type: "object",
  required: ["score"],
  properties: { score: { type: "integer" } },
};
const POLISH = { id: "polish", agent: "polisher", repeat: { until: "outputs.score >= 3", max: 3 } };

function polishing(step: Parameters<typeof pipeline>[1][number], more = {}): FileTexts {
  return {
    ...settings(),
    ...project("shop"),
    ...agent("polisher", { outputs: OUTPUTS, ...more }),
    ...pipeline("shop/polish", [step]),
  };
}

/** Gives these scores, one after another. */
function scoring(...scores: readonly number[]): Play {
  const left = [...scores];
  return () => ({ outputs: { score: left.shift() ?? 0 }, receipt: {} });
}

async function polished(files: FileTexts, polisher: Play): Promise<Rehearsal> {
  const shop = new Rehearsal({ files, plays: { polisher } });
  await shop.request("shop/polish");
  await shop.tick();
  return shop;
}

test("A step is repeated until its own outputs are good; each iteration is an attempt with a key of its own.", async () => {
  const shop = await polished(polishing(POLISH), scoring(1, 2, 3));

  const [closed] = shop.closedRuns();
  expect(closed).toMatchObject({
    result: "succeeded",
    attempts: [
      { attempt: 1, iteration: 1 },
      { attempt: 2, iteration: 2 },
      { attempt: 3, iteration: 3 },
    ],
  });
  expect(new Set(closed?.attempts.map(({ key }) => key)).size).toBe(3);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("A step that never gets good fails with no-progress, which is recorded.", async () => {
  const shop = await polished(polishing(POLISH), scoring(1, 1, 1));

  expect(shop.called).toHaveLength(3);
  expect(shop.closedRuns()).toMatchObject([
    {
      result: "failed",
      reason: "polish: no-progress: not after 3 iterations: outputs.score >= 3",
      attempts: [{}, {}, {}, { attempt: 4, iteration: 3, outcome: "no-progress" }],
    },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("What every iteration did is undone when there was no progress, the last one first, each within its own attempts.", async () => {
  const once = {
    once: { key: "try/${{ iteration.number }}" },
    compensate: { agent: "undoer", with: { turn: "${{ inputs.turn }}" } },
    with: { turn: "${{ iteration.number }}" },
  };
  const external = { effects: "external", idempotency: "native" };
  const files = { ...polishing({ ...POLISH, ...once }, external), ...agent("undoer", external) };
  const shop = new Rehearsal({ files, plays: { polisher: scoring(1, 1, 1) } });
  // The second of three fails once in a way that may pass, and once for good.
  const ends = ["succeeded", "rate-limited", "auth", "succeeded", "succeeded"] as const;
  let calls = 0;
  shop.plays["undoer"] = () => {
    const outcome = ends[calls] ?? "crashed";
    calls += 1;
    return { outcome, reason: "", outputs: outcome === "succeeded" ? {} : null };
  };
  await shop.request("shop/polish");

  for (const pause of ["1h", "1d", "1s"]) {
    await shop.tick();
    shop.pass(pause);
  }

  const undone = shop.calls.filter(({ agent: { name } }) => name === "undoer");
  expect(undone.map(({ inputs }) => inputs["turn"])).toEqual([3, 2, 2, 1, 2]);
  expect(shop.closedRuns()).toMatchObject([
    { result: "failed", reason: expect.stringContaining("undone: try/3, try/2, try/1") },
  ]);
  expect((await shop.verify()).verdict).toBe("verified");
});

test("Every iteration of an external effect is an effect of its own, once.", async () => {
  const once = {
    once: { key: "poll/${{ iteration.number }}" },
    compensate: { none: "it only asks" },
  };
  const external = { effects: "external", idempotency: "native" };
  const shop = await polished(polishing({ ...POLISH, ...once }, external), scoring(1, 2, 3));

  const keys = shop.calls.map(({ effectKey }) => effectKey);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(3);
  expect(shop.closedRuns()).toMatchObject([{ result: "succeeded" }]);
  expect((await shop.verify()).verdict).toBe("verified");
});
