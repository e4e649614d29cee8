/** What follows from the state of an open gate: an action, or a hold that says what it waits for. */
import { asShown, decideItem, refusedItem } from "./decided-item.ts";
import { earliest } from "#runner/core/time/instant.ts";
import type { GateNote, GateSettle } from "./gate-action.ts";
import { assentIn, mendWords } from "./gate-command.ts";
import { decide, type Doubt, type GateState, type Rejection } from "./gate-state.ts";
import { vetoWait, type VetoTerms } from "./gate-veto.ts";
import {
  changesWords,
  doubtWords,
  expiryOf,
  holdOf,
  snoozedWords,
  waitingWords,
} from "./gate-words.ts";
import type { ObservedGate, OpenRun } from "#runner/core/model.ts";
import { isByOperator } from "#runner/core/operator.ts";
import { isAsProposed, whyNotAnew } from "#runner/core/rework.ts";
import { openSnoozedUntil, snoozeOf } from "./snooze.ts";
import {
  acting,
  held,
  stepHold,
  together,
  type RunContext,
  type StepPlan,
} from "#runner/core/step-plan.ts";

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
    ...termsOf(context, gate),
    rejection: rejectionOf(context, gate.record.id),
    now,
  });
}

function termsOf(
  context: Pick<RunContext, "workspace" | "observed">,
  { record }: ObservedGate,
): VetoTerms {
  const { policy } = context.workspace.settings;
  return { policy, putOff: snoozeOf(context, record.id)?.until ?? null };
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
      return changesAsked(context, gate, state);
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

/** What it showed is made anew; where that cannot be, a request rejects it, and any other word waits for a person. */
function changesAsked(
  context: RunContext,
  gate: ObservedGate,
  state: StateOf<"changes-requested">,
): StepPlan {
  const { by, via, note: reason, commit, request } = state;
  const why = whyNotMade(context, gate, state);
  if (why === null && via !== null) {
    const how = { decision: "changes-requested", by, via, reason } as const;
    return acting({ ...settle(context, gate, how), commit, request, items: [] });
  }
  if (via === "reject") {
    return acting(ending(context, gate, { kind: "rejected", by, via, reason, commit, request }));
  }
  const until = expiryOf(gate, context.now);
  const words = changesWords(gate, {
    note: reason,
    why: why ?? "who asks for them cannot be told",
  });
  return held(stepHold(context, gate.record.step, { ...words, until }));
}

function whyNotMade(
  { run }: RunContext,
  gate: ObservedGate,
  { via, note: words }: StateOf<"changes-requested">,
): string | null {
  if (via === null) return "who asks for them cannot be told";
  if (words.trim() === "") return "no note says which";
  if (via === "review" && !isAsProposed(gate)) {
    return "other gates, or edits, stand on its branch as well";
  }
  return whyNotAnew(run, gate.record);
}

/** A newer run takes the place of the one that it belongs to. */
export function superseded(
  run: Pick<OpenRun, "record">,
  gate: ObservedGate,
  reason: string,
): GateSettle {
  const how = { decision: "superseded", by: "fettle", via: "replaced", reason } as const;
  return { ...settle({ run }, gate, how), items: [] };
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

function doubtful(context: RunContext, gate: ObservedGate, doubt: Doubt): StepPlan {
  if (doubt.kind !== "branch-missing") {
    const until = expiryOf(gate, context.now);
    return held(stepHold(context, gate.record.step, { ...doubtWords(gate, doubt), until }));
  }
  const { absentSince, branch, head, step } = gate.record;
  const why = `the branch ${branch} is gone`;
  const unblock = `it counts as rejected at the next reconcile; to keep it: git branch ${branch} ${head}, and with an origin git push origin ${head}:refs/heads/${branch}`;
  const hold = held(stepHold(context, step, { reason: "branch-missing", why, unblock }));
  return absentSince === null
    ? together([hold, acting(note(gate, { absentSince: "now", problem: null }))])
    : hold;
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
  const snoozed = openSnoozedUntil(context, record);
  const veto = vetoWait(gate, termsOf(context, gate));
  const words = snoozed === null ? waitingWords(gate, veto) : snoozedWords(gate, snoozed);
  const until = earliest([snoozed ?? veto, expiryOf(gate, context.now)]);
  const hold = held(stepHold(context, record.step, { ...words, until }));
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
  context: { readonly run: Pick<OpenRun, "record"> },
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
