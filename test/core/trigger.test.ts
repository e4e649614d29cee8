import { expect, test } from "vitest";
import type { RunStart } from "#runner/core/action.ts";
import type { Observed } from "#runner/core/model.ts";
import { planProject } from "#runner/core/project-plan.ts";
import type { Pipeline, RunRequest } from "#runner/schema/types.gen.ts";
import {
  live,
  openRun,
  pipeline,
  pipelineState,
  project,
  projectContext,
} from "../support/core-builders.ts";
import { ADA, openGate } from "../support/core-records.ts";

interface Situation {
  readonly changes?: Partial<Pipeline>;
  readonly state?: Parameters<typeof pipelineState>[0];
  readonly now?: string;
  readonly facts?: Partial<Observed>;
}

function planOf({
  changes = {},
  state = {},
  now,
  facts,
}: Situation): ReturnType<typeof planProject> {
  const version = project({ pipelines: { chase: pipeline([], changes) } });
  const own = live({ pipelines: { chase: pipelineState(state) } });
  return planProject(
    projectContext(version, { live: own, ...(now === undefined ? {} : { now }), ...facts }),
  );
}

function startsOf(situation: Situation): readonly RunStart["run"][] {
  return planOf(situation).actions.flatMap((action) =>
    action.kind === "run-start" ? [action.run] : [],
  );
}

function running(record: Parameters<typeof openRun>[1] = {}): Observed["runs"] {
  const run = openRun(pipeline([]), record);
  return new Map([[run.record.id, run]]);
}

function request(changes: Partial<RunRequest> = {}): RunRequest {
  return {
    id: "r1",
    kind: "run",
    project: "shop",
    pipeline: "chase",
    params: {},
    by: ADA,
    at: "2026-11-22T09:59:00.000Z",
    ...changes,
  };
}

const morning = { cron: "0 8 * * *", timezone: "Europe/Berlin" };

test.each([
  ["latest", ["2026-11-22T07:00:00.000Z"], 0],
  ["all", ["2026-11-20T07:00:00.000Z"], 2],
  ["skip", [], 0],
] as const)("catchUp %s after three missed mornings starts %j", (catchUp, dues, queued) => {
  const plan = planOf({
    changes: { triggers: { schedule: { ...morning, catchUp } } },
    state: { lastDue: "2026-11-19T07:00:00.000Z" },
  });

  const starts = plan.actions.flatMap((action) => (action.kind === "run-start" ? [action] : []));
  expect(starts.map(({ run }) => run.asOf)).toEqual(dues);
  expect(starts.map(({ cursor }) => cursor)).toEqual(dues.map((lastDue) => ({ lastDue })));
  expect(plan.holds.map(({ reason }) => reason)).toEqual(Array(queued).fill("concurrency"));
});

test("without catchUp the latest of the missed times counts", () => {
  const [start] = startsOf({
    changes: { triggers: { schedule: morning } },
    state: { lastDue: "2026-11-19T07:00:00.000Z" },
  });

  expect(start?.slot).toBe("schedule:2026-11-22T07:00:00.000Z");
});

test("catchUp skip starts what is due within the runner's sweep", () => {
  const situation = {
    changes: { triggers: { schedule: { ...morning, catchUp: "skip" as const } } },
    state: { lastDue: "2026-11-21T07:00:00.000Z" },
  };

  expect(startsOf({ ...situation, now: "2026-11-22T07:15:00.000Z" })).toHaveLength(1);
  expect(startsOf({ ...situation, now: "2026-11-22T07:15:01.000Z" })).toEqual([]);
});

test("a time that has had its run does not come again, and the next one wakes the runner", () => {
  const plan = planOf({
    changes: { triggers: { schedule: morning } },
    state: { lastDue: "2026-11-22T07:00:00.000Z" },
  });

  expect(plan.actions).toEqual([]);
  expect(plan.wakes).toEqual(["2026-11-23T07:00:00.000Z"]);
});

test("a last time that lies in the future is told: some clock is wrong, and a schedule must not rest in silence", () => {
  const changes = { triggers: { schedule: morning } };
  const plan = planOf({ changes, state: { lastDue: "2027-11-22T07:00:00.000Z" } });

  expect(plan.actions).toEqual([]);
  expect(plan.holds).toMatchObject([
    {
      subject: "pipeline:chase",
      reason: "clocks-apart",
      until: "2027-11-22T07:00:00.000Z",
      unblock: expect.stringMatching(
        /doctor --repair --now "<your watch>" takes the schedule back to now, and fettle run shop\/chase/,
      ),
    },
  ]);
  expect(planOf({ changes, state: { lastDue: "2026-11-22T10:30:00.000Z" } }).holds).toEqual([]);
});

test("times before the pipeline existed are not caught up", () => {
  expect(
    startsOf({
      changes: { triggers: { schedule: { ...morning, catchUp: "all" } } },
      state: { since: "2026-11-22T07:00:00.000Z" },
    }),
  ).toEqual([]);
});

test.each([
  [
    "the day on which summer time begins",
    "2026-03-28T07:00:00.000Z",
    "2026-03-29T12:00:00.000Z",
    "2026-03-29T06:00:00.000Z",
  ],
  [
    "the day on which it ends",
    "2026-10-24T06:00:00.000Z",
    "2026-10-25T12:00:00.000Z",
    "2026-10-25T07:00:00.000Z",
  ],
])("eight in the morning is eight in the morning on %s", (_, lastDue, now, due) => {
  const starts = startsOf({
    changes: { triggers: { schedule: morning } },
    state: { lastDue },
    now,
  });

  expect(starts.map(({ asOf }) => asOf)).toEqual([due]);
});

test("a time that passed while a run was open is dropped with policy skip and queued otherwise", () => {
  const lastRun = {
    id: "chase.a",
    result: "succeeded",
    endedAt: "2026-11-22T07:30:00.000Z",
  } as const;
  const state = { lastDue: "2026-11-21T07:00:00.000Z", lastRun };
  const triggers = { schedule: morning };

  expect(startsOf({ changes: { triggers, concurrency: { policy: "skip" } }, state })).toEqual([]);
  expect(startsOf({ changes: { triggers }, state })).toHaveLength(1);
});

const watching: Partial<Pipeline> = { triggers: { changes: ["*.csv"] } };
const seen = new Map([["shop/chase", { digest: "sha256:new", blobs: new Map<string, string>() }]]);

test("changed files start one run, which moves the cursor to what it saw", () => {
  const plan = planOf({
    changes: watching,
    state: { seenChanges: "sha256:old" },
    facts: { watched: seen },
  });

  expect(plan.actions).toMatchObject([
    {
      kind: "run-start",
      cursor: { seenChanges: "sha256:new" },
      run: { trigger: { kind: "changes", from: "sha256:old", to: "sha256:new" } },
    },
  ]);
  expect(
    startsOf({ changes: watching, state: { seenChanges: "sha256:new" }, facts: { watched: seen } }),
  ).toEqual([]);
});

test("files that change to and fro never give two runs one name", () => {
  const version = project({ pipelines: { chase: pipeline([], watching) } });
  const own = live({ pipelines: { chase: pipelineState({ seenChanges: "sha256:old" }) } });
  const context = projectContext(version, { live: own, watched: seen });
  const ids = ["1", "2"].map((digit) => {
    const workspace = { ...context.workspace, commit: digit.repeat(40) };
    const [action] = planProject({ ...context, workspace }).actions;
    return action?.kind === "run-start" ? action.run.id : "";
  });

  expect(new Set(ids).size).toBe(2);
});

test("a request starts a run with its parameters, defaults filled in, and is used up by it", () => {
  const params = {
    minDays: { type: "integer", default: 7 },
    dry: { type: "boolean", default: false },
  } as const;
  const plan = planOf({
    changes: { params },
    facts: { requests: [request({ params: { minDays: 3 } })] },
  });

  expect(plan.actions).toMatchObject([
    {
      kind: "run-start",
      request: "r1",
      run: {
        slot: "request:r1",
        params: { minDays: 3, dry: false },
        trigger: { kind: "manual", by: ADA },
      },
    },
  ]);
});

test.each([
  [{ mindays: 3 }, "the pipeline has no parameter mindays; did you mean minDays?"],
  [{ minDays: "3" }, "parameter minDays must be of type integer"],
])("a request with %j is settled with the reason", (params, reason) => {
  const plan = planOf({
    changes: { params: { minDays: { type: "integer", default: 7 } } },
    facts: { requests: [request({ params })] },
  });

  expect(plan.actions).toMatchObject([{ kind: "request-settle", request: "r1", reason }]);
});

test("requests of other pipelines and projects start nothing here", () => {
  const requests = [request({ pipeline: "other" }), request({ project: "other" })];

  expect(planOf({ facts: { requests } }).actions).toEqual([]);
});

test("one run at a time: what comes meanwhile waits", () => {
  const plan = planOf({ facts: { requests: [request()], runs: running() } });

  expect(plan.actions).toEqual([]);
  expect(plan.holds).toMatchObject([{ reason: "concurrency", subject: "pipeline:chase" }]);
});

test("two requests start one run, the second waits", () => {
  const plan = planOf({ facts: { requests: [request(), request({ id: "r2" })] } });

  expect(plan.actions).toMatchObject([{ kind: "run-start", request: "r1" }]);
  expect(plan.holds).toMatchObject([{ reason: "concurrency" }]);
});

test("with policy skip a request beside an open run is settled with the reason", () => {
  const plan = planOf({
    changes: { concurrency: { policy: "skip" } },
    facts: { requests: [request()], runs: running() },
  });

  expect(plan.actions).toMatchObject([{ kind: "request-settle", request: "r1" }]);
});

test("releaseAt gate: only a run that waits at a gate lets the next one start", () => {
  const facts = { requests: [request()], runs: running() };
  const atGate = { ...facts, gates: new Map([["chase-1", openGate()]]) };
  const changes: Partial<Pipeline> = { concurrency: { releaseAt: "gate" } };

  expect(startsOf({ changes, facts })).toEqual([]);
  expect(startsOf({ changes, facts: atGate })).toHaveLength(1);
  expect(startsOf({ facts: atGate })).toEqual([]);
  const raises = {
    file: "fettle.yaml",
    ...({ per: "day", axis: "micros", from: 1, to: 2, until: null } as const),
  };
  const atCap = { ...facts, gates: new Map([["chase-1", openGate({ raises })]]) };
  expect(startsOf({ changes, facts: atCap })).toEqual([]);
});

test("a suspended pipeline starts nothing", () => {
  const plan = planOf({ changes: { suspend: true }, facts: { requests: [request()] } });

  expect(plan.actions).toEqual([]);
  expect(plan.holds).toMatchObject([{ reason: "suspended", subject: "pipeline:chase" }]);
});

test("the run before hands over its outputs, else their initial values", () => {
  const outputs = { cursor: { value: "x", initial: "" }, count: { value: 1, initial: 0 } };
  const facts = { requests: [request()] };

  expect(startsOf({ changes: { outputs }, facts })[0]?.previous).toEqual({ cursor: "", count: 0 });
  expect(
    startsOf({ changes: { outputs }, state: { previous: { cursor: "7" } }, facts })[0]?.previous,
  ).toEqual({ cursor: "7", count: 0 });
});
