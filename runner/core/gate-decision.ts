/** How an open gate is decided, from facts alone. Doubt means that it stays open. */
import { digestOf } from "./canonical-json.ts";
import type { GateNote, GateSettle, SettledItem } from "./gate-action.ts";
import type { ObservedGate } from "./model.ts";
import { isByOperator } from "./operator.ts";
import { acting, held, stepHold, together, type RunContext, type StepPlan } from "./step-plan.ts";
import type { GateItem, RequestRecord } from "#runner/schema/types.gen.ts";

/** Whether the run waits at a gate of its pipeline; one about a cap lets nothing else begin. */
export function isAtGate({ record }: ObservedGate, run: string): boolean {
  return record.run === run && record.raises === undefined;
}

export function decideGate(context: RunContext, gate: ObservedGate): StepPlan {
  const { record, facts } = gate;
  const merged = facts.onMain === null ? null : decideMerged(context, gate, facts.onMain);
  if (merged !== null && merged.holds.length === 0) return merged;
  const request = rejectionOf(context, record.id);
  if (request !== undefined) return acting(rejection(context, gate, request));
  if (merged !== null) return merged;
  if (record.answerBy !== null && record.answerBy <= context.now && record.onExpire === "reject") {
    return lapse(context, gate, `nobody answered by ${record.answerBy}`);
  }
  return facts.branchHead === null ? decideAbsent(context, gate) : waiting(context, gate);
}

/** Closes the gate without an answer. */
export function lapse(context: RunContext, gate: ObservedGate, reason: string): StepPlan {
  return acting(
    settle(context, gate, { decision: "expired", by: "fettle", via: "expiry", reason }),
  );
}

type Rejection = Extract<RequestRecord, { kind: "reject" }>;

/** That an operator asked for a rejection, when no tick has acted on it yet. */
export function rejectionOf(
  { workspace, observed }: Pick<RunContext, "workspace" | "observed">,
  gate: string,
): Rejection | undefined {
  return observed.requests.find(
    (request): request is Rejection =>
      request.kind === "reject" &&
      request.gate === gate &&
      isByOperator(workspace.settings, request),
  );
}

function rejection(context: RunContext, gate: ObservedGate, request: Rejection): GateSettle {
  return {
    ...settle(context, gate, {
      decision: "rejected",
      by: request.by,
      via: "reject",
      reason: request.reason,
    }),
    request: request.id,
  };
}

type OnMain = NonNullable<ObservedGate["facts"]["onMain"]>;

function decideMerged(context: RunContext, gate: ObservedGate, onMain: OnMain): StepPlan {
  const { approver } = onMain;
  if (approver === null || !isByOperator(context.workspace.settings, { by: approver })) {
    const who = approver ?? "somebody who cannot be told";
    const why = `the decision was brought to main by ${who}, who is not an operator`;
    const unblock = `as an operator of fettle.yaml (git config user.email) add a line with your reason to ${gate.record.folder}/decision.md, and commit it on main`;
    return held(stepHold(context, gate.record.step, { reason: "approval-unproven", why, unblock }));
  }
  const problem = problemOf(gate, onMain);
  if (problem !== null) return needsFix(context, gate, problem);
  const how = { by: approver, via: "merge" } as const;
  const reason = whyRejected(gate, onMain);
  if (reason !== null) {
    const rejected = settle(context, gate, { ...how, decision: "rejected", reason });
    return acting({ ...rejected, commit: onMain.commit });
  }
  return acting({
    ...settle(context, gate, { ...how, decision: "approved", reason: "merged" }),
    commit: onMain.commit,
    items: gate.record.items.map((item) => decideItem(context, item, { gate, onMain })),
    // A cap's file stays the operator's.
    files: gate.record.raises === undefined ? Object.fromEntries(onMain.deliverables) : {},
  });
}

/** null when it is approved. Nothing can go on without a single value: deleting its file rejects the whole. */
function whyRejected(gate: ObservedGate, onMain: OnMain): string | null {
  if (onMain.decision !== "approved") return "the decision record says so";
  const deleted = gate.record.items.find(
    ({ key, path }) => key === null && !onMain.items.has(path),
  );
  return deleted === undefined ? null : `${deleted.path} was deleted`;
}

function problemOf(gate: ObservedGate, onMain: OnMain): string | null {
  if (onMain.decision !== "approved" && onMain.decision !== "rejected") {
    return `${gate.record.folder}/decision.md: decision must be approved or rejected`;
  }
  for (const [path, item] of onMain.items)
    if (item.problem !== null) return `${path}: ${item.problem}`;
  return null;
}

function needsFix(context: RunContext, gate: ObservedGate, problem: string): StepPlan {
  const unblock = "mend the file on main and commit; nothing runs before that";
  const hold = held(
    stepHold(context, gate.record.step, { reason: "needs-fix", why: problem, unblock }),
  );
  if (gate.record.problem === problem) return hold;
  return together([hold, acting(note(gate, { absentSince: null, problem }))]);
}

interface Merged {
  readonly gate: ObservedGate;
  readonly onMain: OnMain;
}

function decideItem({ run }: RunContext, item: GateItem, { gate, onMain }: Merged): SettledItem {
  const found = onMain.items.get(item.path);
  if (found === undefined) return refusedItem(item);
  const { blob, outputs } = found;
  const { show, key } = item;
  const value = { kind: "value", value: outputs } as const;
  if (digestOf(outputs) === item.outputs.digest) {
    const cited = refusedItem(item);
    const isHere = run.values.has(item.outputs.digest);
    return { ...cited, decision: "approved", blob, outputs: isHere ? cited.outputs : value };
  }
  const { project, pipeline } = gate.record;
  const digest = digestOf({ project, pipeline, show, key, outputs });
  return { ...refusedItem(item), digest, decision: "edited", blob, outputs: value };
}

function refusedItem({ show, key, step, digest, input, outputs }: GateItem): SettledItem {
  return {
    show,
    key,
    step,
    digest,
    input: input === null ? null : { kind: "cited", citation: input },
    outputs: { kind: "cited", citation: outputs },
    decision: "rejected",
    blob: null,
  };
}

/** A branch that is missing twice, in two ticks, was deleted by somebody: rejected. */
function decideAbsent(context: RunContext, gate: ObservedGate): StepPlan {
  const { absentSince } = gate.record;
  if (absentSince !== null && absentSince < context.now) {
    const reason = `the branch ${gate.record.branch} was deleted`;
    return acting(
      settle(context, gate, {
        decision: "rejected",
        by: "operator",
        via: "branch-deleted",
        reason,
      }),
    );
  }
  const why = `the branch ${gate.record.branch} is gone`;
  const unblock = `it counts as rejected at the next reconcile; to keep it: git branch ${gate.record.branch} ${gate.record.head}`;
  const hold = held(
    stepHold(context, gate.record.step, { reason: "awaiting-approval", why, unblock }),
  );
  return absentSince === null
    ? together([hold, acting(note(gate, { absentSince: "now", problem: null }))])
    : hold;
}

function waiting(context: RunContext, gate: ObservedGate): StepPlan {
  const { record } = gate;
  const hold = held(
    stepHold(context, record.step, {
      reason: "awaiting-approval",
      why: `"${record.title}" waits for you`,
      unblock: `fettle approve ${record.id}, or fettle reject ${record.id} --reason "…"`,
      until: record.onExpire === "reject" ? record.answerBy : null,
    }),
  );
  return record.absentSince === null
    ? hold
    : together([hold, acting(note(gate, { absentSince: null, problem: record.problem ?? null }))]);
}

function note(gate: ObservedGate, facts: Pick<GateNote, "absentSince" | "problem">): GateNote {
  const because =
    facts.problem ?? (facts.absentSince === null ? "the branch is back" : "the branch is missing");
  return {
    kind: "gate-note",
    project: gate.record.project,
    because,
    gate: gate.record.id,
    ...facts,
  };
}

function settle(
  context: RunContext,
  gate: ObservedGate,
  how: Pick<GateSettle, "decision" | "by" | "via" | "reason">,
): GateSettle {
  const { record } = gate;
  return {
    kind: "gate-settle",
    project: record.project,
    because: `${how.decision} by ${how.by}: ${how.reason}`,
    gate: record.id,
    run: context.run.record.id,
    step: record.step,
    ...how,
    commit: null,
    risk: record.risk.score,
    request: null,
    items: record.items.map(refusedItem),
    files: {},
  };
}
