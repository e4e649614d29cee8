/** What follows from the state of an open gate: an action, or a hold that says what it waits for. */
import { asShown, decideItem, refusedItem } from "./decided-item.ts";
import { earliest } from "./instant.ts";
import type { GateNote, GateSettle } from "./gate-action.ts";
import { assentCommand, assentIn, mendWords } from "./gate-command.ts";
import { decide, type Doubt, type GateState, type Rejection } from "./gate-state.ts";
import { vetoWait } from "./gate-veto.ts";
import type { ObservedGate } from "./model.ts";
import { isByOperator } from "./operator.ts";
import { acting, held, stepHold, together, type RunContext, type StepPlan } from "./step-plan.ts";

/** Whether the run waits at a gate of its pipeline; one about a cap lets nothing else begin. */
export function isAtGate({ record }: ObservedGate, run: string): boolean {
  return record.run === run && record.raises === undefined;
}

export function decideGate(context: RunContext, gate: ObservedGate): StepPlan {
  return planOf(context, gate, stateOfGate(context, gate));
}

/** In which state the gate is, all that is known considered. */
export function stateOfGate(
  context: Pick<RunContext, "workspace" | "observed" | "now">,
  gate: ObservedGate,
): GateState {
  const { workspace, now } = context;
  return decide({
    gate,
    operators: workspace.settings.operators,
    policy: workspace.settings.policy,
    rejection: rejectionOf(context, gate.record.id),
    now,
  });
}

function planOf(context: RunContext, gate: ObservedGate, state: GateState): StepPlan {
  switch (state.kind) {
    case "open":
      return state.doubt === null ? waiting(context, gate) : doubtful(context, gate, state.doubt);
    case "approved":
      return acting(approval(context, gate, state));
    case "not-objected":
      return acting(unobjected(context, gate, state.until));
    case "needs-fix":
      return needsFix(context, gate, state.problem);
    case "changes-requested":
    case "stale":
    case "conflicting": {
      const until = expiryOf(gate, context.now);
      return held(stepHold(context, gate.record.step, { ...holdOf(gate, state), until }));
    }
    case "rejected":
    case "expired":
    case "withdrawn":
      return acting(ending(context, gate, state));
  }
}

/** What was shown goes on; nobody has approved it. */
function unobjected(context: RunContext, gate: ObservedGate, until: string): GateSettle {
  const reason = `nobody objected until ${until}`;
  const how = { decision: "not-objected", by: "fettle", via: "veto", reason } as const;
  return { ...settle(context, gate, how), items: asShown(gate) };
}

/** Closes the gate without an answer. */
export function lapse(context: RunContext, gate: ObservedGate, reason: string): StepPlan {
  return acting(lapsed(context, gate, reason));
}

function lapsed(context: RunContext, gate: ObservedGate, reason: string): GateSettle {
  return settle(context, gate, { decision: "expired", by: "fettle", via: "expiry", reason });
}

/** What the form began with is the answer. */
function defaulted(context: RunContext, gate: ObservedGate, reason: string): GateSettle {
  const how = { decision: "defaulted", by: "fettle", via: "expiry", reason } as const;
  return { ...settle(context, gate, how), items: asShown(gate) };
}

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

type StateOf<Kind extends GateState["kind"]> = Extract<GateState, { kind: Kind }>;

function approval(
  context: RunContext,
  gate: ObservedGate,
  { by, edited, onMain }: StateOf<"approved">,
): GateSettle {
  return {
    ...settle(context, gate, { ...assentIn(gate.record, edited), by, via: "merge" }),
    commit: onMain.commit,
    items: gate.record.items.map((item) => decideItem(context, item, { gate, onMain })),
    // A cap's file stays the operator's.
    files: gate.record.raises === undefined ? Object.fromEntries(onMain.deliverables) : {},
  };
}

function ending(
  context: RunContext,
  gate: ObservedGate,
  state: StateOf<"rejected" | "expired" | "withdrawn">,
): GateSettle {
  switch (state.kind) {
    case "rejected": {
      const { by, via, reason, commit, request } = state;
      return {
        ...settle(context, gate, { decision: "rejected", by, via, reason }),
        commit,
        request,
      };
    }
    case "expired": {
      const reason = `nobody answered by ${state.answerBy}`;
      return gate.record.onExpire === "default"
        ? defaulted(context, gate, reason)
        : lapsed(context, gate, reason);
    }
    case "withdrawn": {
      const { by, commit } = state;
      const reason = "its approval was taken back on main before anything came of it";
      const how = { decision: "withdrawn", by, via: "taken-back", reason } as const;
      return { ...settle(context, gate, how), commit };
    }
  }
}

type HoldWords = Parameters<typeof stepHold>[2];

function holdOf(
  { record }: ObservedGate,
  state: StateOf<"changes-requested" | "stale" | "conflicting">,
): HoldWords {
  const { id, title, branch, folder } = record;
  const again = `fettle reject ${id} --reason "…", and fettle run ${record.project}/${record.pipeline}`;
  switch (state.kind) {
    case "changes-requested": {
      const why = `changes of "${title}" are asked for: ${state.note || "no note says which"}`;
      const unblock = `make them on ${branch} and merge it, or ${again}`;
      return { reason: "changes-requested", why, unblock };
    }
    case "stale": {
      const why = `the decision on main is of another proposal: planDigest of ${folder}/decision.md is ${state.planDigest || "missing"}`;
      const unblock = `write planDigest: ${record.planDigest ?? ""} there if you approve of this one, or ${again}`;
      return { reason: "stale-approval", why, unblock };
    }
    case "conflicting": {
      const what = state.paths.length === 0 ? "the same files" : state.paths.join(", ");
      const why = `main has changed ${what} since "${title}" was proposed`;
      const unblock = `git merge ${branch}   and resolve it by hand, or ${again}`;
      return { reason: "conflicting", why, unblock };
    }
  }
}

function doubtful(context: RunContext, gate: ObservedGate, doubt: Doubt): StepPlan {
  if (doubt.kind !== "branch-missing") {
    const until = expiryOf(gate, context.now);
    return held(stepHold(context, gate.record.step, { ...doubtWords(gate, doubt), until }));
  }
  const { absentSince, branch, head, step } = gate.record;
  const why = `the branch ${branch} is gone`;
  const unblock = `it counts as rejected at the next reconcile; to keep it: git branch ${branch} ${head}`;
  const hold = held(stepHold(context, step, { reason: "awaiting-approval", why, unblock }));
  return absentSince === null
    ? together([hold, acting(note(gate, { absentSince: "now", problem: null }))])
    : hold;
}

function doubtWords(
  { record }: ObservedGate,
  doubt: Exclude<Doubt, { kind: "branch-missing" }>,
): HoldWords {
  const { id, title, folder, branch } = record;
  switch (doubt.kind) {
    case "unproven": {
      const who = doubt.by ?? "somebody who cannot be told";
      const what = doubt.act === "approved" ? "brought to" : "taken back from";
      const why = `the decision was ${what} main by ${who}, who is not an operator`;
      const unblock = `as an operator of fettle.yaml (git config user.email) add a line with your reason to ${folder}/decision.md, and commit it on main`;
      return { reason: "approval-unproven", why, unblock };
    }
    case "closed": {
      const who = doubt.by ?? "somebody who cannot be told";
      const why = `the pull request of "${title}" was closed by ${who}, who is not an operator`;
      const unblock = `open it again, or fettle reject ${id} --reason "…"`;
      return { reason: "awaiting-approval", why, unblock };
    }
    case "merged-unseen": {
      const why = `the pull request of "${title}" is merged, and main does not show it yet`;
      return { reason: "awaiting-approval", why };
    }
    case "draft": {
      const why = `the pull request of "${title}" is a draft`;
      return { reason: "awaiting-approval", why, unblock: "mark it as ready for review" };
    }
    case "remarked": {
      const why = `"${title}" waits for an answer: ${doubt.by} has said something about it that may be an objection`;
      const unblock = `fettle approve ${id}, or fettle reject ${id} --reason "…"`;
      return { reason: "awaiting-approval", why, unblock };
    }
    case "endorsed": {
      const why = `${doubt.by} approves of "${title}", and nobody has merged it`;
      const unblock = `merge the pull request of ${branch}, or fettle approve ${id}`;
      return { reason: "awaiting-approval", why, unblock };
    }
  }
}

/** When it expires, where it does and has not yet. */
function expiryOf({ record: { answerBy, onExpire } }: ObservedGate, now: string): string | null {
  return onExpire !== "keep" && answerBy !== null && answerBy > now ? answerBy : null;
}

function needsFix(context: RunContext, gate: ObservedGate, problem: string): StepPlan {
  const unblock = `${mendWords(gate.record)}; nothing runs before that`;
  const hold = held(
    stepHold(context, gate.record.step, { reason: "needs-fix", why: problem, unblock }),
  );
  if (gate.record.problem === problem) return hold;
  return together([hold, acting(note(gate, { absentSince: null, problem }))]);
}

function waiting(context: RunContext, gate: ObservedGate): StepPlan {
  const { record } = gate;
  const veto = vetoWait(gate, context.workspace.settings.policy);
  const goesOn = veto === null ? "" : `, and goes on by itself at ${veto}`;
  const hold = held(
    stepHold(context, record.step, {
      reason: "awaiting-approval",
      why: `"${record.title}" waits for you${goesOn}`,
      unblock: `${assentCommand(record)}, or fettle reject ${record.id} --reason "…"`,
      until: earliest([veto, expiryOf(gate, context.now)]),
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
    ...(record.risk.action === undefined ? {} : { action: record.risk.action }),
    request: null,
    // Nobody refuses a question: the next run may ask it again.
    items: record.asks === undefined ? record.items.map(refusedItem) : [],
    files: {},
  };
}
