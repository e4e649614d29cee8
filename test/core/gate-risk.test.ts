import { expect, test } from "vitest";
import { gateRisk, type AboutToShow } from "#runner/core/gate/gate-risk.ts";
import type { RunContext } from "#runner/core/step-plan.ts";
import type {
  Agent,
  AgentStep,
  Deliverable,
  LiveProject,
  Policy,
} from "#runner/schema/types.gen.ts";
import {
  agent,
  gateStep,
  live,
  mailer,
  observed,
  openRun,
  pipeline,
  pipelineState,
  project,
  runContext,
  step,
  workspace,
} from "../support/core-builders.ts";
import { attempt, BLOB, cite } from "../support/core-records.ts";

function file(path: string): Deliverable {
  return { path, content: cite(path), blob: BLOB, was: null, bytes: 1 };
}

const NOTHING_SHOWN: AboutToShow = { items: 1, deliverables: [], scope: {} };
const review = gateStep("review", { x: "${{ steps.find.outputs }}" });

function riskAt(
  after: ReturnType<typeof agent>,
  policy: Policy = {},
  before = agent("find"),
): ReturnType<typeof gateRisk> {
  const last = step("last", { agent: after.name, needs: ["middle"] });
  const of = pipeline([
    step("find"),
    review,
    step("middle", { needs: ["review"] }),
    last,
    step("free", { agent: "mailer" }),
  ]);
  const run = openRun(of, {
    agents: [before, after, mailer()],
    attempts: [attempt("find", { costMicros: 3 })],
  });
  return gateRisk(
    runContext(run, { workspace: workspace([project()], { settings: { policy } }) }),
    review,
    { ...NOTHING_SHOWN, items: 2 },
  );
}

test("a gate bears the highest risk of all that comes after it, and of nothing else", () => {
  expect(riskAt(agent("last"))).toMatchObject({ score: 0 });
  expect(riskAt(agent("last", { effects: "external" }))).toMatchObject({ score: 40 });
  expect(riskAt(agent("last", { writes: ["notes.md"] }))).toMatchObject({ score: 10 });
  expect(riskAt(agent("last", { writes: [] }))).toMatchObject({ score: 0 });
});

test("rules see how many items are shown and what the run has cost", () => {
  const rules = [
    { when: "action.items == 2 && action.spendMicros == 3 && action.step == 'last'", add: 9 },
  ];

  expect(riskAt(agent("last"), { rules }).score).toBe(9);
});

test.each([
  ["from the network", { network: ["example.com:443"] }, 20],
  ["through its tools", { tools: [{ name: "crm", command: ["crm"], allow: ["search"] }] }, 20],
  ["from nowhere", { network: [] }, 0],
] satisfies readonly (readonly [string, Partial<Agent>, number])[])(
  "what an agent brought in %s (%j) adds %d for its taint",
  (_, manifest, added) => {
    const rules = [{ when: "'external' in action.taint", add: 20 }];

    expect(riskAt(agent("last"), { rules }, agent("find", manifest)).score).toBe(added);
  },
);

test("an agent that is not there counts as external", () => {
  const of = pipeline([review, step("last", { needs: ["review"] })]);

  expect(
    gateRisk(runContext({ ...openRun(of), agents: new Map() }), review, NOTHING_SHOWN).score,
  ).toBe(40);
});

test("a gate with nothing after it bears no risk", () => {
  expect(gateRisk(runContext(openRun(pipeline([review]))), review, NOTHING_SHOWN)).toEqual({
    score: 0,
    factors: [],
  });
});

/** What rules see of the only action after the gate: 1 point for each that holds. */
function holding(
  rules: readonly string[],
  facts: Parameters<typeof shopWith>[0] = {},
): readonly string[] {
  const { context, shown } = shopWith(facts);
  const policy = { rules: rules.map((when) => ({ when, add: 1 })) };
  const settings = { policy };
  const risk = gateRisk(
    { ...context, workspace: workspace([project()], { settings }) },
    review,
    shown,
  );
  return risk.factors.map(({ why }) => why).filter((why) => rules.includes(why));
}

function shopWith({
  deliverables = [],
  state = {},
  payer = {},
  compensate = { none: "money is gone" },
  rung = "command",
}: {
  readonly deliverables?: readonly Deliverable[];
  readonly state?: Partial<LiveProject>;
  readonly payer?: Partial<Agent>;
  readonly compensate?: AgentStep["compensate"];
  readonly rung?: string;
}): { readonly context: RunContext; readonly shown: AboutToShow } {
  const pay = step("pay", {
    agent: "mailer",
    forEach: "${{ steps.review.approved.x }}",
    itemKey: "${{ item.key }}",
    with: { amount: "${{ item.outputs.amount }}" },
    ...(compensate === undefined ? {} : { compensate }),
  });
  const run = openRun(pipeline([step("find"), review, pay]), {
    agents: [agent("find"), mailer(payer)],
    attempts: [attempt("find", { rung })],
  });
  const own = observed([live(state)], { runs: new Map([[run.record.id, run]]) });
  const items = [2.5, 40].map((amount, index) => ({ key: String(index), outputs: { amount } }));
  const scope = { steps: { review: { approved: { x: items } } } };
  return { context: runContext(run, { observed: own }), shown: { items: 2, deliverables, scope } };
}

const SUM = {
  effectLimits: [{ per: "day", sum: "${{ inputs.amount }}", max: 100, unit: "EUR" }],
} as const;

test.each<[string, Parameters<typeof shopWith>[0], string]>([
  ["it cannot be undone", {}, "action.reversibility == 'irreversible'"],
  [
    "another agent can undo it",
    { compensate: { agent: "refunder" } },
    "action.reversibility == 'compensable'",
  ],
  ["nothing sums it", {}, "action.amount == 0"],
  [
    "its limits sum it",
    { payer: { effectLimits: [...SUM.effectLimits] } },
    "action.amount == 42.5",
  ],
  [
    "files go along",
    {
      deliverables: [
        { ...file("a.md"), lines: 3 },
        { ...file("b.md"), lines: 4 },
      ],
    },
    "action.paths == ['a.md', 'b.md'] && action.diffFiles == 2 && action.diffLines == 7",
  ],
  [
    "nobody has approved anything yet",
    {},
    "action.novelty == ['agent'] && action.approvals.approved == 0",
  ],
  [
    "all of it was approved before",
    { state: { approvedMakers: ["find@1.0.0", "mailer@1.0.0"] } },
    "action.novelty.size() == 0",
  ],
  [
    "another version acts",
    { state: { approvedMakers: ["find@1.0.0", "mailer@1.0.0"] }, payer: { version: "1.1.0" } },
    "action.novelty == ['agent']",
  ],
  [
    "a template wrote it for the first time",
    { rung: "template", state: { approvedMakers: ["find@1.0.0", "mailer@1.0.0"] } },
    "action.novelty == ['template']",
  ],
  [
    "the gate was decided before",
    {
      state: {
        pipelines: {
          chase: { ...pipelineState(), reviews: { review: { approved: 3, rejected: 1 } } },
        },
      },
    },
    "action.approvals.approved == 3 && action.approvals.rejected == 1",
  ],
])("rules see that %s", (_, facts, rule) => {
  expect(holding([rule, "false"], facts)).toEqual([rule]);
});

test("an amount that only later steps tell is not known, and a rule about it counts in full", () => {
  const { context, shown } = shopWith({ payer: { effectLimits: [...SUM.effectLimits] } });
  const settings = { policy: { rules: [{ when: "action.amount > 1000", add: 1 }] } };
  const unknown = { ...shown, scope: { steps: { review: { approved: {} } } } };

  const risk = gateRisk(
    { ...context, workspace: workspace([project()], { settings }) },
    review,
    unknown,
  );

  expect(risk.score).toBe(100);
});

test("files that a gate shows are a change of the repository, also where nothing comes after", () => {
  const context = runContext(openRun(pipeline([review])));

  expect(gateRisk(context, review, { ...NOTHING_SHOWN, deliverables: [file("a.md")] }).score).toBe(
    10,
  );
});
