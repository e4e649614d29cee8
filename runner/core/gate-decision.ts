/** How an open gate is decided, from facts alone. Doubt means that it stays open. */
import { digestOf } from "./canonical-json.ts";
import type { GateNote, GateSettle, ObservedGate, SettledItem } from "./model.ts";
import { acting, held, stepHold, together, type RunContext, type StepPlan } from "./step-plan.ts";
import type { GateItem, RequestRecord } from "#runner/schema/types.gen.ts";

export function decideGate(context: RunContext, gate: ObservedGate): StepPlan {
  const { record, facts } = gate;
  if (facts.onMain !== null) return decideMerged(context, gate, facts.onMain);
  const request = rejectionOf(context, record.id);
  if (request !== undefined) return acting(rejection(context, gate, request));
  if (record.answerBy !== null && record.answerBy <= context.now && record.onExpire === "reject") {
    const why = `nobody answered by ${record.answerBy}`;
    return acting(
      settle(context, gate, { decision: "expired", by: "fettle", via: "expiry", reason: why }),
    );
  }
  return facts.branchHead === null ? decideAbsent(context, gate) : waiting(context, gate);
}

type Rejection = Extract<RequestRecord, { kind: "reject" }>;

function rejectionOf(context: RunContext, gate: string): Rejection | undefined {
  return context.observed.requests.find(
    (request): request is Rejection => request.kind === "reject" && request.gate === gate,
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
  const operators = context.workspace.settings.operators.map((operator) => operator.email);
  if (approver === null || !operators.includes(approver)) {
    const who = approver ?? "somebody who cannot be told";
    const why = `the decision was brought to main by ${who}, who is not an operator`;
    const unblock = `merge as one of the operators in fettle.yaml (git config user.email), or fettle approve ${gate.record.id}`;
    return held(stepHold(context, gate.record.step, { reason: "approval-unproven", why, unblock }));
  }
  const problem = problemOf(gate, onMain);
  if (problem !== null) return needsFix(context, gate, problem);
  const isRejected = onMain.decision !== "approved";
  const items = gate.record.items.map((item) => decideItem(gate, item, onMain));
  return acting({
    ...settle(context, gate, {
      decision: isRejected ? "rejected" : "approved",
      by: approver,
      via: "merge",
      reason: isRejected ? "the decision record says so" : "merged",
    }),
    commit: onMain.commit,
    items: isRejected ? gate.record.items.map(refusedItem) : items,
    files: isRejected ? {} : Object.fromEntries(onMain.deliverables),
  });
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

function decideItem(gate: ObservedGate, item: GateItem, onMain: OnMain): SettledItem {
  const found = onMain.items.get(item.path);
  if (found === undefined) return refusedItem(item);
  const { project, pipeline } = gate.record;
  const { show, key } = item;
  const digest = digestOf({ project, pipeline, show, key, outputs: found.outputs });
  return digest === item.digest
    ? { ...refusedItem(item), decision: "approved", blob: found.blob }
    : {
        ...refusedItem(item),
        digest,
        outputs: { kind: "value", value: found.outputs },
        decision: "edited",
        blob: found.blob,
      };
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
