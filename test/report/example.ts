/** A small company in the middle of its day: nine reminders drafted, the gate open, 12 minutes old. */
import type { OpenRun, ProjectVersion, Workspace } from "#runner/core/model.ts";
import type { Look } from "#runner/report/look.ts";
import type {
  Agent,
  AttemptRecord,
  ClosedRun,
  GateDecision,
  GateRecord,
  Pipeline,
  RunRecord,
} from "#runner/schema/types.gen.ts";

export const now = "2026-11-22T08:15:00.000Z";
export const look: Look = {
  width: 80,
  isNarrow: true,
  color: false,
  ascii: false,
  verbose: false,
  now,
};

export const commit = "3f2c1ab9d0e7c2aa81c3f077ab0e1b0c4d5e6f70";
export const blob = "aa81c3f077ab0e1b0c4d5e6f703f2c1ab9d0e7c2";
export const runId = "chase-invoices.k3f9q2m7x0aa";

export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}

function cited(letter: string): { digest: string; month: string } {
  return { digest: digest(letter), month: "2026-11" };
}

const pipeline: Pipeline = {
  apiVersion: "fettle/v1",
  summary: "Reminds clients of overdue invoices.",
  triggers: { goal: "no-silent-overdue", schedule: { cron: "0 8 * * 1-5" } },
  steps: [
    { id: "find", agent: "invoice-ledger" },
    {
      id: "draft",
      agent: "reminder-writer",
      forEach: "${{ steps.find.outputs.overdue }}",
      itemKey: "${{ item.number }}",
    },
    {
      id: "review",
      gate: "Send the reminders",
      show: { reminders: "${{ steps.draft.items }}" },
      needs: ["draft"],
    },
    {
      id: "send",
      agent: "mailer@^2",
      needs: ["review"],
      forEach: "${{ steps.review.approved.reminders }}",
      itemKey: "${{ item.key }}",
      compensate: { none: "a sent mail cannot be recalled" },
    },
  ],
};

function agentManifest(role: string, effects: NonNullable<Agent["effects"]>): Agent {
  return {
    apiVersion: "fettle/v1",
    version: "2.1.0",
    role,
    runtime: { command: ["node", "main.mjs"] },
    inputs: {},
    outputs: {},
    limits: { usd: 0.05, wall: "2m" },
    effects,
  };
}

const agents = new Map(
  [
    agentOf("reminder-writer", "Writes a short, polite payment reminder.", "none"),
    agentOf("mailer", "Sends a mail.", "external"),
  ].map((agent) => [agent.name, agent]),
);

function agentOf(
  name: string,
  role: string,
  effects: NonNullable<Agent["effects"]>,
): {
  name: string;
  tree: string;
  manifest: Agent;
} {
  return { name, tree: blob, manifest: agentManifest(role, effects) };
}

export const project: ProjectVersion = {
  name: "collections",
  commit,
  digest: digest("d"),
  manifest: {
    apiVersion: "fettle/v1",
    summary: "Get paid on time.",
    budget: [{ per: "month", usd: 10 }],
    goals: {
      "no-silent-overdue": {
        statement: "No invoice is more than 7 days overdue without a reminder.",
        metric: { agent: "invoice-ledger", output: "overdueUnreminded" },
        target: { max: 0 },
        check: "1d",
        pipelines: ["chase-invoices"],
      },
    },
  },
  pipelines: new Map([["chase-invoices", pipeline]]),
  agents,
};

export const workspace: Workspace = {
  commit,
  settings: {
    apiVersion: "fettle/v1",
    name: "northwind",
    operators: [{ email: "ada@northwind.example" }],
    policy: { autoBelow: 25, gateFrom: 60 },
  },
  projects: new Map([["collections", project]]),
  schemas: {},
  invalid: new Map(),
};

export const record: RunRecord = {
  id: runId,
  project: "collections",
  pipeline: "chase-invoices",
  slot: "goal/2026-11-22",
  trigger: {
    kind: "goal",
    goal: "no-silent-overdue",
    value: 9,
    measurement: "goal.x.aaaaaaaaaaaa",
  },
  params: { minDays: 7 },
  asOf: "2026-11-22T08:00:00.000Z",
  desired: commit,
  base: { commit, overlay: [] },
  previous: {},
  startedAt: "2026-11-22T08:00:00.000Z",
  because: "goal no-silent-overdue is not met: 9, at most 0",
};

export function attempt(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    run: runId,
    step: "draft",
    item: "INV-1",
    attempt: 1,
    state: "finished",
    agent: "reminder-writer",
    version: "2.1.0",
    agentTree: blob,
    key: digest("e"),
    inputs: cited("a"),
    outputs: cited("b"),
    startedAt: "2026-11-22T08:00:15.000Z",
    finishedAt: "2026-11-22T08:00:55.000Z",
    outcome: "succeeded",
    reason: "",
    rung: "model:default",
    deliverables: [],
    memory: { recalled: [], admitted: [], refused: [] },
    rationale: "",
    costMicros: 4_000,
    basis: "metered",
    ...changes,
  };
}

export const attempts: readonly AttemptRecord[] = [
  attempt({
    step: "find",
    item: null,
    agent: "invoice-ledger",
    rung: "command",
    basis: "free",
    costMicros: 0,
    startedAt: "2026-11-22T08:00:01.000Z",
    finishedAt: "2026-11-22T08:00:15.000Z",
  }),
  attempt({
    rationale: "Friendly first reminder; the client usually pays after one.",
    memory: { recalled: [{ id: "mem_7k2q", blob, score: 0.8 }], admitted: [], refused: [] },
    model: { provider: "anthropic", model: "claude-sonnet-5", promptDigest: digest("f") },
  }),
  attempt({
    item: "INV-2",
    finishedAt: "2026-11-22T08:02:54.000Z",
    rung: "template",
    degraded: "model default: no key ANTHROPIC_API_KEY",
  }),
  attempt({
    item: "INV-3",
    finishedAt: "2026-11-22T08:01:10.000Z",
    outcome: "schema-invalid",
    reason: "subject is missing",
    outputs: null,
  }),
];

export const gate: GateRecord = {
  id: "chase-invoices-4f8k2m1q",
  run: runId,
  project: "collections",
  pipeline: "chase-invoices",
  step: "review",
  title: "Send the reminders",
  branch: "fettle/gate/chase-invoices-4f8k2m1q",
  head: commit,
  folder: "memory/collections/decisions/chase-invoices-4f8k2m1q",
  openedAt: "2026-11-22T08:03:00.000Z",
  answerBy: "2026-11-24T08:03:00.000Z",
  onExpire: "reject",
  risk: {
    score: 78,
    factors: [
      { points: 40, why: "effects are external" },
      { points: 38, why: "new template" },
    ],
  },
  items: ["INV-1", "INV-2"].map((key) => ({
    show: "reminders",
    key,
    path: `memory/collections/decisions/chase-invoices-4f8k2m1q/reminders/${key}.yaml`,
    step: "draft",
    digest: digest("c"),
    input: null,
    outputs: cited("b"),
  })),
  deliverables: [],
  claims: [],
  costMicros: 8_000,
  absentSince: null,
};

export const openRun: OpenRun = {
  record,
  pipeline,
  agents,
  pipelines: new Map(),
  attempts,
  decisions: [],
  waits: [],
  checkpoints: [],
  values: new Map(),
};

export const decision: GateDecision = {
  run: runId,
  step: "review",
  gate: "chase-invoices-2b7n0c4d",
  decision: "approved",
  by: "ada@northwind.example",
  via: "merge",
  reason: "merged as 77ab0e1",
  commit,
  at: "2026-11-22T08:10:00.000Z",
  risk: 78,
  items: [],
  files: {},
};

export const closedRun: ClosedRun = {
  run: { ...record, id: "chase-invoices.a1b2c3d4e5f6" },
  result: "degraded",
  reason: "1 of 3 items failed",
  endedAt: "2026-11-22T08:12:00.000Z",
  costMicros: 12_000,
  outputs: {},
  attempts: [...attempts],
  gates: [decision],
};
