/** In which state an open gate is, from facts alone: what git shows, what the forge shows, what operators have asked for. Doubt means that it stays open. */
import { digestOf } from "#runner/core/canonical-json.ts";
import type { ForgeFacts, ForgeReview } from "#runner/core/forge/forge-facts.ts";
import { unobjectedSince } from "./gate-veto.ts";
import type { GateFacts, ObservedGate } from "#runner/core/model.ts";
import { emailOfAccount } from "#runner/core/forge/operator-account.ts";
import type {
  GateDecision,
  RequestRecord,
  Workspace as Settings,
} from "#runner/schema/types.gen.ts";

export type Rejection = Extract<RequestRecord, { kind: "reject" }>;

export interface Decidable {
  readonly gate: ObservedGate;
  readonly operators: Settings["operators"];
  readonly policy: Settings["policy"];
  /** An operator's request that no tick has acted on yet. */
  readonly rejection: Rejection | undefined;
  /** When an operator who has put it off wants to see it again; null: nobody has. */
  readonly putOff: string | null;
  readonly now: string;
}

type OnMain = NonNullable<GateFacts["onMain"]>;

export type GateState =
  | { readonly kind: "open"; readonly doubt: Doubt | null }
  | {
      readonly kind: "approved";
      readonly by: string;
      /** What stands on main is not what was proposed. */
      readonly edited: boolean;
      readonly onMain: OnMain;
    }
  | {
      readonly kind: "rejected";
      readonly by: string;
      readonly via: Extract<GateDecision["via"], "merge" | "reject" | "branch-deleted" | "closed">;
      readonly reason: string;
      readonly commit: string | null;
      readonly request: string | null;
    }
  | {
      readonly kind: "changes-requested";
      readonly by: string;
      /** null: who has written it on the branch cannot be told. */
      readonly via: Extract<GateDecision["via"], "reject" | "merge" | "review"> | null;
      readonly note: string;
      readonly commit: string | null;
      readonly request: string | null;
    }
  | { readonly kind: "needs-fix"; readonly problem: string }
  | { readonly kind: "expired"; readonly answerBy: string }
  /** Its time is up, and no operator has said a word. */
  | { readonly kind: "not-objected"; readonly until: string }
  | { readonly kind: "withdrawn"; readonly by: string; readonly commit: string }
  | { readonly kind: "stale"; readonly planDigest: string }
  | { readonly kind: "conflicting"; readonly paths: readonly string[] };

/** Why a gate stays open although something has happened to it. */
export type Doubt =
  | {
      readonly kind: "unproven";
      readonly by: string | null;
      readonly act: "approved" | "taken-back";
    }
  | { readonly kind: "closed"; readonly by: string | null }
  | { readonly kind: "merged-unseen" }
  | { readonly kind: "branch-missing" }
  | { readonly kind: "draft" }
  /** Somebody has said what may be an objection: it does not go on by itself. */
  | { readonly kind: "remarked"; readonly by: string }
  /** An operator approves of what stands there, and nobody has merged it. */
  | { readonly kind: "endorsed"; readonly by: string; readonly head: string };

/** What there is to see of a gate that has just been opened. */
export function branchAlone(branchHead: string | null): GateFacts {
  const git = { onBranch: null, onMain: null, takenBack: null, conflicts: [] };
  return { branchHead, ...git, remarkedBy: null, forge: null };
}

/**
 * What stands on main comes first: what an operator brought there is an answer, and the last word of two is the one that stands there.
 * A forge that is silent neither approves nor rejects.
 */
export function decide(facts: Decidable): GateState {
  const { gate, rejection } = facts;
  const merged = gate.facts.onMain === null ? null : decideMerged(facts, gate.facts.onMain);
  if (merged?.kind === "approved" || merged?.kind === "rejected") return merged;
  if (rejection !== undefined) return decideRequest(rejection);
  return merged ?? decideUnmerged(facts);
}

function decideRequest({ by, reason, id, retry }: Rejection): GateState {
  const how = { by, via: "reject", commit: null, request: id } as const;
  return retry === true
    ? { kind: "changes-requested", ...how, note: reason }
    : { kind: "rejected", ...how, reason };
}

function decideMerged(facts: Decidable, onMain: OnMain): GateState {
  const by = approverOf(facts, onMain);
  if (!isOperator(facts, by)) return open({ kind: "unproven", by, act: "approved" });
  const { record } = facts.gate;
  const { decision, note, planDigest } = onMain.says;
  const reason = whyRejected(facts.gate, onMain);
  if (reason !== null) {
    const { commit } = onMain;
    return { kind: "rejected", by, via: "merge", reason, commit, request: null };
  }
  if (decision === "changes") {
    const how = { by, via: "merge", commit: onMain.commit, request: null } as const;
    return { kind: "changes-requested", ...how, note };
  }
  const problem = problemOf(facts.gate, onMain);
  if (problem !== null) return { kind: "needs-fix", problem };
  // An approval covers one content: that of the plan that proposed it.
  if (record.planDigest !== undefined && record.planDigest !== planDigest) {
    return { kind: "stale", planDigest };
  }
  return { kind: "approved", by, edited: isEdited(facts.gate, onMain), onMain };
}

function isEdited({ record }: ObservedGate, { items, deliverables }: OnMain): boolean {
  return (
    record.items.some(({ path, outputs }) => {
      const found = items.get(path);
      return found === undefined || digestOf(found.outputs) !== outputs.digest;
    }) || record.deliverables.some(({ path, blob }) => deliverables.get(path) !== blob)
  );
}

/** On a forge, who merged there; what git tells of the merge is what anybody may write into a commit. */
function approverOf(
  { gate, operators }: Pick<Decidable, "gate" | "operators">,
  { approver }: OnMain,
): string | null {
  const { forge } = gate.facts;
  if (forge?.state !== "merged" || forge.mergedBy === null) return approver;
  return emailOfAccount(operators, forge.mergedBy) ?? forge.mergedBy.login;
}

/** Whether what main holds of it was brought there by an operator. */
export function isOperators(facts: Pick<Decidable, "gate" | "operators">): boolean {
  const { onMain } = facts.gate.facts;
  return onMain !== null && isOperator(facts, approverOf(facts, onMain));
}

function isOperator({ operators }: Pick<Decidable, "operators">, by: string | null): by is string {
  return operators.some(({ email }) => email === by);
}

/** null when it is approved. Nothing can go on without a single value: deleting its file rejects the whole. */
function whyRejected({ record }: ObservedGate, { says, items }: OnMain): string | null {
  if (says.decision === "rejected") return says.note || "the decision record says so";
  if (says.decision !== "approved") return null;
  const deleted = record.items.find(({ key, path }) => key === null && !items.has(path));
  return deleted === undefined || hasProblem(items) ? null : `${deleted.path} was deleted`;
}

function hasProblem(items: OnMain["items"]): boolean {
  return [...items.values()].some(({ problem }) => problem !== null);
}

function problemOf({ record }: ObservedGate, { says, items }: OnMain): string | null {
  if (says.decision !== "approved") {
    return `${record.folder}/decision.md: decision must be approved, rejected or changes`;
  }
  for (const [path, { problem, at }] of items) {
    if (problem !== null) return `${path}${at === undefined ? "" : `:${at}`}: ${problem}`;
  }
  return null;
}

function decideUnmerged(facts: Decidable): GateState {
  const seen = facts.gate.facts;
  if (seen.takenBack !== null) {
    const { by, commit } = seen.takenBack;
    return isOperator(facts, by)
      ? { kind: "withdrawn", by, commit }
      : open({ kind: "unproven", by, act: "taken-back" });
  }
  const closed = seen.forge === null ? null : decideClosed(facts, seen.forge);
  if (closed !== null) return closed;
  const state = seen.branchHead === null ? decideAbsent(facts) : decideOpen(facts, seen.branchHead);
  return decideUnanswered(facts, state) ?? state;
}

/** What the clock makes of a gate that is in this state otherwise: of two ends the one that came first. */
function decideUnanswered(
  { gate, policy, putOff, now }: Decidable,
  state: GateState,
): GateState | null {
  const expiry = expiryBefore(gate, state, now);
  const veto = isUndisputed(state) ? unobjectedSince(gate, { policy, putOff }, now) : null;
  if (veto !== null && (expiry === null || veto <= expiry)) {
    return { kind: "not-objected", until: veto };
  }
  return expiry === null ? null : { kind: "expired", answerBy: expiry };
}

function expiryBefore(
  { record, facts }: ObservedGate,
  state: GateState,
  now: string,
): string | null {
  const { answerBy, onExpire, head } = record;
  if (answerBy === null || answerBy > now) return null;
  switch (onExpire) {
    case "keep":
      return null;
    case "reject":
      return answerBy;
    case "default":
      // Whoever has begun to answer is waited for.
      return isUndisputed(state) && facts.branchHead === head ? answerBy : null;
  }
}

function isUndisputed(state: GateState): boolean {
  return state.kind === "open" && (state.doubt === null || state.doubt.kind === "endorsed");
}

/** null where the pull request is open or there is none. */
function decideClosed({ gate, operators }: Decidable, forge: ForgeFacts): GateState | null {
  if (forge.state === "merged") return open({ kind: "merged-unseen" });
  if (forge.state !== "closed") return null;
  const by = forge.closedBy === null ? null : emailOfAccount(operators, forge.closedBy);
  if (by === null) return open({ kind: "closed", by: forge.closedBy?.login ?? null });
  const reason = `the pull request of ${gate.record.branch} was closed`;
  return { kind: "rejected", by, via: "closed", reason, commit: null, request: null };
}

/** A branch that is missing twice, in two ticks, was deleted by somebody: rejected. */
function decideAbsent({ gate: { record }, now }: Decidable): GateState {
  if (record.absentSince === null || record.absentSince >= now) {
    return open({ kind: "branch-missing" });
  }
  const reason = `the branch ${record.branch} was deleted`;
  const via = "branch-deleted";
  return { kind: "rejected", by: "operator", via, reason, commit: null, request: null };
}

function decideOpen(facts: Decidable, head: string): GateState {
  const { onBranch, conflicts, forge } = facts.gate.facts;
  if (onBranch?.decision === "changes") {
    const how = { by: "operator", via: null, commit: null, request: null };
    return { kind: "changes-requested", ...how, note: onBranch.note };
  }
  const reviews = forge === null ? [] : lastReviews(facts, forge.reviews);
  const objection = reviews.find(({ state }) => state === "changes-requested");
  if (objection !== undefined) {
    const how = { by: objection.by, via: "review", commit: null, request: null } as const;
    return { kind: "changes-requested", ...how, note: objection.text };
  }
  if (conflicts.length > 0 || forge?.mergeable === false) {
    return { kind: "conflicting", paths: conflicts };
  }
  return open(doubtOf(facts.gate, { head, reviews }));
}

interface Reviewed {
  readonly head: string;
  readonly reviews: readonly OperatorReview[];
}

function doubtOf(gate: ObservedGate, { head, reviews }: Reviewed): Doubt | null {
  if (gate.facts.forge?.draft === true) return { kind: "draft" };
  return assentTo(head, reviews) ?? remarkOn(gate);
}

/** Where an answer is waited for anyway, a remark changes nothing. */
function remarkOn({ record, facts: { remarkedBy } }: ObservedGate): Doubt | null {
  if (remarkedBy === null || record.vetoUntil === undefined) return null;
  return { kind: "remarked", by: remarkedBy };
}

type OperatorReview = ForgeReview & { readonly by: string };

/** What was reviewed at another head covers another content. */
function assentTo(head: string, reviews: readonly OperatorReview[]): Doubt | null {
  const assent = reviews.find(({ state, commit }) => state === "approved" && commit === head);
  return assent === undefined ? null : { kind: "endorsed", by: assent.by, head };
}

/** The last word of each operator; what a review only remarks takes no word back. */
function lastReviews(
  { operators }: Decidable,
  reviews: readonly ForgeReview[],
): readonly OperatorReview[] {
  const last = new Map<string, OperatorReview>();
  for (const review of reviews) {
    const by = emailOfAccount(operators, review);
    if (by !== null && review.state !== "commented") last.set(by, { ...review, by });
  }
  return [...last.values()];
}

function open(doubt: Doubt | null): GateState {
  return { kind: "open", doubt };
}
