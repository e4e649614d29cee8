/** Actions about gates. */
import type { Action, Common } from "#runner/core/action.ts";
import { gateId } from "#runner/core/identifier.ts";
import { branchName, gateRef } from "#runner/core/ref-names.ts";
import { gateFolder } from "#runner/core/state-path.ts";
import type {
  AskForm,
  Citation,
  GateDecision,
  GateRecord,
  JudgedAction,
  RunRecord,
} from "#runner/schema/types.gen.ts";

type GatePlace = Pick<
  GateRecord,
  "id" | "run" | "project" | "pipeline" | "step" | "branch" | "folder"
>;

/** Which gate of a run it is, and where it is looked at; `named`: what its id begins with. */
export function gatePlace(
  { id: run, project, pipeline }: Pick<RunRecord, "id" | "project" | "pipeline">,
  { step, named = pipeline }: { readonly step: string; readonly named?: string },
): GatePlace {
  const id = gateId(named, run, step);
  const folder = gateFolder(project, id);
  return { id, run, project, pipeline, step, branch: branchName(gateRef(id)), folder };
}

export interface GateShown {
  readonly show: string;
  readonly key: string | null;
  readonly step: string | null;
  readonly digest: string;
  readonly input?: unknown;
  readonly outputs: unknown;
}

export interface GateOpen extends Common {
  readonly kind: "gate-open";
  /** Milliseconds from opening to the answer that is asked for. */
  readonly answerWithinMs: number | null;
  /** Milliseconds after which it settles by itself, unless an operator objects; absent where an answer is waited for. */
  readonly vetoWithinMs?: number;
  /** Set where it is shown together with others: at which time, at which place. */
  readonly briefing?: { readonly id: string; readonly at: string; readonly place: number };
  /** Set where its time has run since it was queued. */
  readonly answerBy?: string;
  readonly gate: Omit<
    GateRecord,
    | "head"
    | "briefing"
    | "planDigest"
    | "openedAt"
    | "answerBy"
    | "vetoUntil"
    | "items"
    | "absentSince"
  >;
  readonly items: readonly GateShown[];
  /** Set where it asks for an answer. */
  readonly question?: Question;
}

export interface Question {
  readonly text: string;
  readonly about: string;
  readonly form: AskForm;
}

/** A gate that is ready and that nobody is shown yet. */
export interface GateQueue extends Common {
  readonly kind: "gate-queue";
  readonly gate: string;
  readonly run: string;
  readonly step: string;
  readonly title: string;
  /** As of a gate that opens: its time runs from here on. */
  readonly answerWithinMs: number | null;
}

/** A value that goes into payload with this transaction, or one that stands there already. */
export type Content =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "cited"; readonly citation: Citation };

export interface SettledItem {
  readonly show: string;
  readonly key: string | null;
  readonly step: string | null;
  readonly digest: string;
  readonly input: Content | null;
  readonly outputs: Content;
  readonly decision: "approved" | "edited" | "rejected";
  /** Blob of main's tree that was read; null when nobody was asked. */
  readonly blob: string | null;
}

export interface GateSettle extends Common {
  readonly kind: "gate-settle";
  /** Gate that is open on state; null when nobody was asked. */
  readonly gate: string | null;
  readonly run: string;
  readonly step: string;
  readonly decision: GateDecision["decision"];
  readonly by: string;
  readonly via: GateDecision["via"];
  readonly reason: string;
  readonly commit: string | null;
  readonly risk: number;
  /** What its risk was made from; absent where nothing comes after it. */
  readonly action?: JudgedAction;
  readonly request: string | null;
  readonly items: readonly SettledItem[];
  /** Proposed files as they stand on main, path to blob id. */
  readonly files: Readonly<Record<string, string>>;
}

/** Counts only where all objections can be seen. */
export function isUnobjectedSettle(action: Action): action is GateSettle {
  return action.kind === "gate-settle" && action.decision === "not-objected";
}

/** Something about an open gate that must be remembered: its branch is missing, or it needs a fix. */
export interface GateNote extends Common {
  readonly kind: "gate-note";
  readonly gate: string;
  readonly absentSince: "now" | null;
  readonly problem: string | null;
}
