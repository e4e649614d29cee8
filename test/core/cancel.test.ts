import { expect, test } from "vitest";
import { effectBase, effectPlan } from "#runner/core/effect.ts";
import { orphanRequests } from "#runner/core/orphan-request.ts";
import { unitKey } from "#runner/core/parallel.ts";
import { plan } from "#runner/core/plan.ts";
import type { Observed } from "#runner/core/model.ts";
import type {
  Agent,
  AttemptRecord,
  CancelRequest,
  Receipt,
  Workspace as Settings,
} from "#runner/schema/types.gen.ts";
import {
  gateStep,
  goal,
  live,
  mailer,
  NOW,
  observed,
  openRun,
  pipeline,
  project,
  step,
  workspace,
} from "../support/core-builders.ts";
import { ADA, attempt, receipts } from "../support/core-records.ts";

const RUN = "chase.aaaaaaaaaaaa";
const BASE = effectBase("shop", "mailer", "letter/bob");
const SEND = step("send", {
  agent: "mailer",
  once: { key: "letter/bob" },
  compensate: { none: "it is sent" },
});
const REQUEST: CancelRequest = {
  id: "cancel-1",
  kind: "cancel",
  project: "shop",
  run: RUN,
  by: ADA,
  reason: "the wrong list",
  keep: false,
  at: NOW,
};

interface Situation {
  readonly steps?: readonly Parameters<typeof pipeline>[0][number][];
  readonly attempts?: readonly AttemptRecord[];
  readonly values?: readonly unknown[];
  readonly idempotency?: NonNullable<Agent["idempotency"]>;
  readonly receipt?: Partial<Receipt>;
  readonly facts?: Partial<Observed>;
  readonly settings?: Partial<Settings>;
}

function planned(situation: Situation): ReturnType<typeof plan> {
  const { steps = [step("find"), SEND], attempts = [], values = [], receipt, facts } = situation;
  const of = pipeline(steps);
  const agents = [mailer({ idempotency: situation.idempotency ?? "none" })];
  const run = openRun(of, { agents, attempts, values, record: { previous: { cursor: 3 } } });
  const version = project({
    pipelines: { chase: of },
    agents,
    manifest: { goals: { paid: goal() } },
  });
  const found = receipt === undefined ? null : receipts(BASE, [{ run: RUN, ...receipt }]);
  const seen = observed([live({ openRuns: [RUN] })], {
    runs: new Map([[RUN, run]]),
    requests: [REQUEST],
    receipts: new Map([[BASE, found]]),
    ...facts,
  });
  const all = plan(workspace([version], { settings: situation.settings ?? {} }), seen, NOW);
  const actions = all.actions.filter((action) => "run" in action && action.run === RUN);
  return { ...all, actions };
}

const INTENDED = attempt("send", {
  agent: "mailer",
  state: "intended",
  outcome: null,
  outputs: null,
  finishedAt: null,
  effect: effectPlan(BASE, "letter/bob", 1),
});

const FAILED = attempt("send", {
  ...INTENDED,
  outputs: null,
  state: "finished",
  outcome: "timeout",
  retryAt: "2026-11-22T11:00:00.000Z",
});

test("a run that is called off starts nothing more and closes with who and why", () => {
  expect(planned({}).actions).toEqual([
    {
      kind: "run-cancel",
      project: "shop",
      because: `${ADA} cancelled it: the wrong list`,
      run: RUN,
      result: "cancelled",
      reason: `${ADA} cancelled it: the wrong list`,
      outputs: { cursor: 3 },
      serves: ["paid"],
      goal: null,
    },
  ]);
});

test("a gate that would open is not opened", () => {
  const steps = [step("find"), gateStep("review", { found: "${{ steps.find.outputs }}" })];
  const done = { attempts: [attempt("find", { outputs: { x: 1 } })], values: [{ x: 1 }] };

  expect(planned({ steps, ...done }).actions).toMatchObject([{ kind: "run-cancel" }]);
});

test("a run that is suspended, or held by an expression, can be called off", () => {
  const steps = [step("find", { with: { x: "${{ params.missing }}" } })];

  expect(planned({ settings: { suspend: true } }).actions).toMatchObject([{ kind: "run-cancel" }]);
  expect(planned({ steps }).actions).toMatchObject([{ kind: "run-cancel" }]);
});

test("what waits for its next try is not waited for", () => {
  const late = attempt("find", {
    outputs: null,
    outcome: "rate-limited",
    retryAt: "2026-12-24T00:00:00.000Z",
  });

  expect(planned({ attempts: [late] }).actions).toMatchObject([{ kind: "run-cancel" }]);
});

test("a step at work comes to its end first", () => {
  const working = new Set([unitKey({ run: RUN, step: "find", item: null })]);

  expect(planned({ facts: { working } }).actions).toEqual([]);
});

test.each([
  ["none", { kind: "step-adopt", outcome: "uncertain" }],
  ["native", { kind: "step-adopt", outcome: "uncertain" }],
  ["probe", { kind: "step-start", resume: true, askOnly: true }],
] as const)(
  "an effect (%s) that has begun is found out about, and never sent again",
  (idempotency, action) => {
    const { actions } = planned({
      steps: [SEND],
      attempts: [INTENDED],
      idempotency,
      receipt: { state: "intended" },
    });

    expect(actions).toMatchObject([action]);
  },
);

test("an effect that waits for its next try is in doubt and is not tried again", () => {
  const steps = [{ ...SEND, retry: { limit: 3 } }];

  const { actions } = planned({
    steps,
    attempts: [FAILED],
    idempotency: "native",
    receipt: { state: "intended" },
  });

  expect(actions).toMatchObject([{ kind: "step-adopt", outcome: "uncertain", attempt: 2 }]);
});

test("an item that has begun is found out about however many came before it", () => {
  const steps = [
    step("send", {
      ...SEND,
      forEach: "${{ params.list }}",
      itemKey: "${{ item }}",
      once: { key: "letter/${{ item }}" },
      maxParallel: 1,
    }),
  ];
  const list = ["ann", "bob"];
  const of = pipeline(steps);
  const agents = [mailer()];
  const attempts = [{ ...INTENDED, item: "bob" }];
  const run = openRun(of, { agents, attempts, record: { params: { list } } });
  const intended = { run: RUN, item: "bob", state: "intended" } as const;
  const seen = observed([live({ openRuns: [RUN] })], {
    runs: new Map([[RUN, run]]),
    requests: [REQUEST],
    receipts: new Map([
      [effectBase("shop", "mailer", "letter/ann"), null],
      [BASE, receipts(BASE, [intended])],
    ]),
  });

  const { actions } = plan(workspace([project({ pipelines: { chase: of } })]), seen, NOW);

  expect(actions).toMatchObject([{ kind: "step-adopt", item: "bob", outcome: "uncertain" }]);
});

test.each([
  ["was left half-way", INTENDED],
  ["waits for its next try", FAILED],
])(
  "while it cannot be found out what became of an effect that %s, the run stays open and says so",
  (_, last) => {
    const { actions, holds } = planned({
      steps: [{ ...SEND, with: { x: "${{ params.missing }}" } }],
      attempts: [last],
      receipt: { state: "intended" },
    });

    expect(actions).toEqual([]);
    expect(holds).toMatchObject([{ subject: `step:${RUN}/send` }]);
  },
);

test("a run whose steps are all over ends as it would have", () => {
  const done = { steps: [step("find")], attempts: [attempt("find")], values: [{}] };

  expect(planned(done).actions).toMatchObject([{ kind: "run-finish", result: "succeeded" }]);
});

test("a run that would only fail for being called off ends as cancelled", () => {
  const doubt = attempt("send", {
    ...INTENDED,
    state: "finished",
    outcome: "uncertain",
    outputs: null,
  });
  const over = { steps: [SEND], attempts: [doubt], receipt: { state: "uncertain" } as const };

  expect(planned(over).actions).toMatchObject([{ kind: "run-cancel", result: "cancelled" }]);
});

test("effects that nobody knows of are named together, with what to do about all of them once", () => {
  const keys = ["letter/ann", "letter/bob"];
  const bases = keys.map((key) => effectBase("shop", "mailer", key));
  const steps = keys.map((key, index) => ({ ...SEND, id: `send${index}`, once: { key } }));
  const attempts = bases.map((base, index) =>
    attempt(`send${index}`, {
      agent: "mailer",
      outcome: "uncertain",
      outputs: null,
      effect: effectPlan(base, keys[index] ?? "", 1),
    }),
  );
  const found = bases.map(
    (base) => [base, receipts(base, [{ run: RUN, state: "uncertain" }])] as const,
  );

  const { actions } = planned({ steps, attempts, facts: { receipts: new Map(found) } });

  const [over] = actions.flatMap((action) => (action.kind === "run-cancel" ? [action.reason] : []));
  expect(over).toContain("not undone: letter/ann, letter/bob (nobody knows whether it happened;");
  expect(over?.match(/nobody knows/gu)).toHaveLength(1);
});

test("a run that another runner works on is left to it", () => {
  const runners = [
    { runner: "desk", runs: [RUN], fence: 1, since: NOW, expires: "2026-11-22T10:02:00.000Z" },
  ];

  const { actions, holds } = planned({ facts: { runners } });

  expect(actions).toEqual([]);
  expect(holds).toMatchObject([{ reason: "lease-held" }]);
  expect(holds[0]?.unblock).toContain("cancelled there");
});

test("a cancelled measurement leaves its goal unknown", () => {
  const record = { id: RUN, pipeline: "goal.paid" };
  const run = openRun(pipeline([step("measure")]), { record });
  const version = project({ manifest: { goals: { paid: goal() } } });
  const seen = observed([live({ openRuns: [RUN] })], {
    runs: new Map([[RUN, run]]),
    requests: [REQUEST],
  });

  const { actions } = plan(workspace([version]), seen, NOW);

  expect(actions).toMatchObject([{ kind: "run-cancel", goal: { name: "paid", met: null } }]);
});

test("a request to cancel what has ended is settled with the reason", () => {
  const space = workspace([project()]);
  const open = observed([live({ openRuns: [RUN] })], { requests: [REQUEST] });
  const over = observed([live()], { requests: [REQUEST] });

  expect(orphanRequests(space, open)).toEqual([]);
  expect(orphanRequests(space, over)).toMatchObject([
    { kind: "request-settle", project: "shop", reason: `run ${RUN} has ended already` },
  ]);
});

const COMMIT = "e".repeat(40);

/** The run with nothing but its records. */
function withoutVersion(
  requests: readonly CancelRequest[],
  attempts: readonly AttemptRecord[],
): ReturnType<typeof plan> {
  const run = openRun(pipeline([step("find")]), { record: { id: RUN }, attempts });
  const seen = observed([live({ openRuns: [RUN] })], {
    runs: new Map([[RUN, { ...run, missing: COMMIT }]]),
    requests,
  });
  return plan(workspace([project()]), seen, NOW);
}

test("a run whose version is not in this clone is held alone, and says which commit is missing", () => {
  const { actions, holds } = withoutVersion([], []);

  expect(actions).toEqual([]);
  expect(holds).toMatchObject([
    {
      subject: `run:${RUN}`,
      reason: "payload-missing",
      why: `commit ${COMMIT}, which it is pinned to, is not in this clone`,
    },
  ]);
  expect(holds[0]?.unblock).toContain(`fettle cancel ${RUN}`);
});

test("a run whose version is not in this clone can be called off, unless it has begun an effect", () => {
  expect(withoutVersion([REQUEST], []).actions).toMatchObject([{ kind: "run-cancel", run: RUN }]);

  const begun = withoutVersion([REQUEST], [INTENDED]);
  expect(begun.actions).toEqual([]);
  expect(begun.holds).toMatchObject([
    {
      reason: "payload-missing",
      unblock: `git fetch origin ${COMMIT}   brings it, where it still is`,
    },
  ]);
});
