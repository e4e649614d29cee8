/** Caps that hold while work goes on, played through the whole loop on a real repository. */
import { once } from "node:events";
import { expect, test } from "vitest";
import { NO_SPEND } from "#runner/core/money/spend.ts";
import { agent, pipeline, project, settings } from "../support/company.ts";
import { budgetHolds, ITEMS, money, paying, run, shop, WRITER } from "../support/letter-shop.ts";
import { Rehearsal } from "../support/rehearsal.ts";

test("Attempts begin as long as a whole one fits below the cap, and no longer.", async () => {
  const of = shop({ play: paying(70_000), workspace: [{ per: "day", usd: 0.5 }] });
  const [hold] = await run(of);

  expect(of.calls).toHaveLength(6);
  expect(await money(of)).toMatchObject({ grants: [], totals: { [WRITER]: { micros: 420_000 } } });
  expect(hold).toMatchObject({
    reason: "budget-exceeded",
    why: "the workspace has used 0.42 USD of 0.5 USD per day, and an attempt of writer may take 0.1 USD",
    unblock:
      "fettle costs   shows all caps; raise usd of { per: day } in the budget of fettle.yaml to at least 0.52 USD, or lower limits.usd in agents/writer/agent.yaml, and commit",
    until: "2026-03-02T23:00:00.000Z",
  });
  expect((await of.verify()).findings).toEqual([]);
});

test("In the next window work goes on by itself.", async () => {
  const of = shop({ play: paying(100_000), workspace: [{ per: "day", usd: 0.6 }] });
  await run(of);
  expect(of.calls).toHaveLength(6);

  of.travel("2026-03-02T23:00:01.000Z");
  expect(await budgetHolds(of)).toEqual([]);
  expect(of.calls).toHaveLength(12);
  expect(of.closedRuns()).toMatchObject([{ result: "succeeded", costMicros: 1_200_000 }]);
});

test("What attempts at work may still take is not given to others, who wait for it.", async () => {
  let atWork = 0;
  let most = 0;
  const of = shop({
    workspace: [{ per: "day", usd: 0.25 }],
    play: async () => {
      atWork += 1;
      most = Math.max(most, atWork);
      await new Promise((resolve) => setTimeout(resolve, 20));
      atWork -= 1;
      return { spend: { ...NO_SPEND, micros: 10_000, requests: 1, basis: "metered" } };
    },
  });
  expect(await run(of)).toEqual([]);

  expect(most).toBe(2);
  expect(of.calls).toHaveLength(12);
});

test.each([
  ["a project", { project: [{ per: "week", usd: 0.3 }] }, "projects/shop/project.yaml"],
  [
    "a pipeline",
    { pipeline: [{ per: "month", usd: 0.3 }] },
    "projects/shop/pipelines/letters.yaml",
  ],
  ["an agent", { agent: [{ per: "total", usd: 0.3 }] }, "agents/writer/agent.yaml"],
  ["a run", { project: [{ per: "run", usd: 0.3 }] }, "projects/shop/project.yaml"],
])("A cap of %s holds.", async (_, caps, file) => {
  const of = shop({ play: paying(100_000), ...caps });
  const [hold] = await run(of);

  expect(of.calls).toHaveLength(3);
  expect(hold?.unblock).toContain(file);
});

test("The strictest of several caps holds, and each is counted.", async () => {
  const of = shop({
    play: paying(100_000),
    workspace: [{ per: "month", usd: 5 }],
    project: [{ per: "day", usd: 0.4 }],
  });
  await run(of);
  expect(of.calls).toHaveLength(4);
});

test("Tokens, requests and time are capped like money.", async () => {
  const limits = { usd: 0.1, wall: "1m", tokens: 1000, requests: 2 };
  const tokens = shop({ play: paying(1, 600), limits, workspace: [{ per: "day", tokens: 3000 }] });
  await run(tokens);
  expect(tokens.calls).toHaveLength(4);

  const requests = shop({ play: paying(1), limits, workspace: [{ per: "day", requests: 4 }] });
  await run(requests);
  expect(requests.calls).toHaveLength(3);

  const wall = shop({
    play: () => ({}),
    limits,
    workspace: [{ per: "day", wall: "90s" }],
  });
  await run(wall);
  expect((await money(wall))?.totals[WRITER]?.ms).toBeGreaterThan(0);
  expect(wall.calls).toHaveLength(12);
});

test("Without money, an agent goes down its ladder to what costs nothing, and is told why.", async () => {
  const of = shop({
    play: paying(100_000),
    fallback: [{ model: "own" }],
    workspace: [{ per: "day", usd: 0.2 }],
  });
  const holds = await run(of);

  expect(holds).toEqual([]);
  const granted = of.calls.map(({ grant }) => grant?.micros);
  expect(granted).toEqual(ITEMS.map((_, index) => (index < 2 ? 100_000 : 0)));
  expect(of.calls.at(-1)?.grant?.short).toBe("the workspace has used 0.2 USD of 0.2 USD per day");
});

test("From the soft share on, agents with a cheaper rung spare the rest; others do not.", async () => {
  const workspace = [{ per: "day", usd: 1, softAt: 0.5 }];
  const careful = shop({ play: paying(100_000), fallback: [{ model: "own" }], workspace });
  await run(careful);
  expect(careful.calls.filter(({ grant }) => grant?.micros === 100_000)).toHaveLength(5);
  expect(careful.calls.at(-1)?.ladder?.why).toMatch(
    /^the workspace has used or granted 0\.\d+ USD of 1 USD per day: from softAt \(50 %\) on money is spared$/u,
  );

  const other = shop({ play: paying(100_000), workspace });
  await run(other);
  expect(other.calls).toHaveLength(10);
});

test("What was cut off counts as what it took, and is done again.", async () => {
  const of = shop({ play: paying(100_000), workspace: [{ per: "day", usd: 0.5 }] });
  const controller = new AbortController();
  of.plays["writer"] = async (_, signal) => {
    if (of.calls.length === 2) controller.abort();
    if (!signal.aborted) await once(signal, "abort");
    const spend = { ...NO_SPEND, micros: 20_000, requests: 1, basis: "metered" as const };
    return { outcome: "cancelled", reason: "it was stopped", spend };
  };
  await of.request("shop/letters");
  await of.tick(controller.signal);
  const cut = of.calls.length;
  expect(cut).toBeGreaterThan(1);
  expect(await money(of)).toMatchObject({
    grants: [],
    totals: { [WRITER]: { micros: cut * 20_000 } },
  });

  of.plays["writer"] = paying(100_000);
  const [hold] = await budgetHolds(of);
  expect(hold?.reason).toBe("budget-exceeded");
  expect(of.calls).toHaveLength(cut + Math.floor((500_000 - cut * 20_000) / 100_000));
  expect((await of.verify()).findings).toEqual([]);
});

test("A rule of the step leads down the ladder before the money is gone, and the record says so.", async () => {
  const of = shop({
    play: paying(100_000),
    fallback: [{ model: "own" }],
    workspace: [{ per: "day", usd: 10 }],
    step: { maxParallel: 1, degrade: [{ when: "budget.used >= 0.03", use: "fallback[0]" }] },
  });
  await run(of);

  const paid = of.calls.filter(({ grant }) => grant?.micros === 100_000);
  expect(paid).toHaveLength(3);
  expect(paid.every(({ ladder }) => ladder === undefined)).toBe(true);
  expect(of.calls.at(-1)?.ladder).toEqual({
    from: 1,
    rung: "model own",
    why: "budget.used >= 0.03 (3 % of the tightest cap is used)",
  });
});

test("Runs of a pipeline with service levels are measured, and the state verifies.", async () => {
  const of = shop({ play: paying(1), slo: { latencyP95: "1h", success: 0.9 } });
  await run(of);
  await run(of);

  const { observed } = await of.look();
  const state = observed.summaries.projects.get("shop")?.pipelines["letters"];
  expect(state?.samples).toEqual([
    { ms: expect.any(Number), ok: true },
    { ms: expect.any(Number), ok: true },
  ]);
  expect((await of.verify()).findings).toEqual([]);
});

function inbox(caps: { readonly project?: object[]; readonly pipeline?: object[] }): Rehearsal {
  const items = ITEMS.slice(0, 5).map((item) => `'${item}'`);
  const each = {
    id: "each",
    pipeline: "letter",
    forEach: `\${{ [${items.join(", ")}] }}`,
    itemKey: "${{ item }}",
  };
  return new Rehearsal({
    files: {
      ...settings(),
      ...project("shop", { budget: caps.project ?? [] }),
      ...agent("writer"),
      ...pipeline("shop/inbox", [each]),
      ...pipeline("shop/letter", [{ id: "write", agent: "writer" }], {
        budget: caps.pipeline ?? [],
      }),
    },
    plays: { writer: () => ({}) },
  });
}

test.each([
  ["a pipeline", { pipeline: [{ per: "hour", runs: 2 }] }, 2, 4],
  ["a project", { project: [{ per: "hour", runs: 2 }] }, 1, 3],
])("Runs of %s begin so often an hour and no oftener.", async (_, caps, first, then) => {
  const of = inbox(caps);
  await of.request("shop/inbox");
  const held = await budgetHolds(of);
  expect(of.calls).toHaveLength(first);
  expect(held[0]).toMatchObject({
    subject: "pipeline:letter",
    reason: "budget-exceeded",
    why: expect.stringMatching(/ starts 2 runs per hour, and has started 2 in this one$/u),
    until: "2026-03-02T10:00:00.000Z",
  });
  expect(await budgetHolds(of)).toHaveLength(held.length);
  expect(of.calls).toHaveLength(first);

  of.travel("2026-03-02T10:00:00.000Z");
  await of.tick();
  expect(of.calls).toHaveLength(then);
  expect((await of.verify()).findings).toEqual([]);
});

test("While a rewritten main is not accepted, no attempt is granted what only that main says of caps.", async () => {
  const of = shop({ play: paying(1) });
  of.operator.commit(project("travel"));
  await of.tick();
  of.operator.git("rm", "--quiet", "-r", "projects/travel");
  of.operator.git("commit", "--quiet", "--amend", "--no-edit", "--allow-empty");
  await of.request("shop/letters");

  const { holds } = await of.tick();

  expect(of.calls).toEqual([]);
  expect(new Set(holds.map(({ reason }) => reason))).toEqual(new Set(["rewritten-history"]));
});
