/** The plan: ordered actions with reasons, and what is held and why. Plain data. */
import type { HoldReason } from "./hold-reason.ts";
import type { Rework } from "./rework.ts";
import type { Cached } from "./model.ts";
import type { EffectSums } from "./effect-limit.ts";
import type { QueuedProposal } from "#runner/core/gate/gate-admission.ts";
import type { GateNote, GateOpen, GateQueue, GateSettle } from "#runner/core/gate/gate-action.ts";
import type { Edit } from "./edit.ts";
import type { AdoptedOutcome } from "./outcome.ts";
import type { Want } from "./want.ts";
import type {
  EarlierNames,
  AttemptRecord,
  ChildEnd,
  ClosedRun,
  RunRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";
import type { Compaction } from "./compaction.ts";

/** Base effect key and ordinal of an external effect. */
export interface EffectPlan {
  readonly key: string;
  readonly base: string;
  readonly ordinal: number;
  readonly onceKey: string;
}

export interface Common {
  readonly project: string;
  /** The facts that caused it, in a sentence. */
  readonly because: string;
}

export interface StepStart extends Common {
  /** `step-compensate`: what it does undoes what another step did. */
  readonly kind: "step-start" | "step-compensate";
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly attempt: number;
  /** Of a repeated step. */
  readonly iteration?: number;
  readonly agent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The item as the list gave it; undefined outside forEach. */
  readonly itemInput?: unknown;
  readonly timeoutMs: number;
  readonly effect: EffectPlan | null;
  /** What the effect comes to, by unit, in millionths; absent where no limit sums it. */
  readonly sums?: EffectSums;
  /** True when an intent without outcome stands on state already (a crash): execute under the same key. */
  readonly resume: boolean;
  /** Only find out whether it happened: another runner may be about to do it. */
  readonly askOnly?: true;
  readonly forecast: Forecast;
  /** Where it begins on the ladder of its agent; absent: at the top. */
  readonly ladder?: LadderStart;
  /** What it may take; absent where it asks no model and no cap counts its time. */
  readonly grant?: GrantPlan;
  /** Its name on state, once it stands there. */
  readonly grantName?: string;
}

/** A rung below the top. */
export interface LadderStart {
  /** 1: the first fallback. */
  readonly from: number;
  /** Its name: `template`, `model small`. */
  readonly rung: string;
  readonly why: string;
}

/** What an attempt may take at most; null: as much as it likes. */
export interface GrantPlan {
  readonly micros: number;
  readonly tokens: number | null;
  readonly requests: number | null;
  readonly ms: number;
  /** Why it gets less than its limits. */
  readonly short?: string;
}

/** A step or item that needs no execution: its result follows from what is recorded. */
export interface StepAdopt extends Common {
  readonly kind: "step-adopt";
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly attempt: number;
  /** Of a repeated step. */
  readonly iteration?: number;
  readonly agent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly itemInput?: unknown;
  readonly outcome: AdoptedOutcome;
  readonly reason: string;
  readonly effect: (EffectPlan & { readonly receipt?: Readonly<Record<string, unknown>> }) | null;
  /** The attempt of an earlier run whose result it is. */
  readonly kept?: AttemptRecord;
  /** The result of any run that was given the same. */
  readonly cached?: Cached;
}

/** Of work that is ahead. */
export interface Forecast {
  /** As in the middle of what is known; where too little is, by the limits. */
  readonly micros: number;
  readonly ms: number;
  /** As in 95 of 100 cases. */
  readonly highMicros: number;
  readonly highMs: number;
  /** Everything at its limit. */
  readonly mostMicros: number;
  /** Executions that it counts. */
  readonly attempts: number;
  /** `limits`: of some of it too few attempts are known. */
  readonly costFrom: "attempts" | "limits";
  readonly timeFrom: "attempts" | "limits";
}

export interface Cursor {
  readonly lastDue?: string;
  readonly seenChanges?: string;
}

/** `goal-measure` is the run-start of the implicit pipeline `goal.<name>`. */
export interface RunStart extends Common {
  readonly kind: "run-start" | "goal-measure";
  readonly run: Omit<RunRecord, "startedAt">;
  readonly cursor: Cursor;
  readonly request: string | null;
  readonly forecast: Forecast;
}

export interface RunFinish extends Common {
  readonly kind: "run-finish" | "run-cancel";
  readonly run: string;
  readonly result: ClosedRun["result"];
  readonly reason: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly serves: readonly string[];
  /** What its pipeline steps handed to other runs; absent without such steps. */
  readonly children?: readonly ChildEnd[];
  readonly episodes?: true; // It keeps what it tells of itself.
  /** Set when the run measured a goal. */
  readonly goal: GoalMeasured | null;
  readonly rework?: Rework; // Another run makes anew what an operator wants changed.
}

export interface GoalMeasured {
  readonly name: string;
  readonly value: number | null;
  /** null: unknown. */
  readonly met: boolean | null;
  readonly reason: string;
}

/** A wait step is over: its instant has come, or it has waited for too long. */
export interface WaitEnd extends Common {
  readonly kind: "wait-end";
  readonly run: string;
  readonly step: string;
  readonly since: string;
  readonly until: string | null;
  readonly outcome: WaitRecord["outcome"];
  readonly reason: string;
}

export interface Deliver extends Common {
  readonly kind: "deliver";
  /** Paths of `live.pending` that go to main now. */
  readonly paths: readonly string[];
  /** Paths that a person changed meanwhile: set aside, main wins. */
  readonly setAside: readonly string[];
  /** Pipeline to the digest of its watched files afterwards: own deliveries do not trigger it. */
  readonly seen: Readonly<Record<string, string>>;
}

/** Operators changed delivered files: later deliveries build on what they made. */
export interface EditAdopt extends Common {
  readonly kind: "edit-adopt";
  /** Main's commit that shows the edits. */
  readonly commit: string;
  readonly edits: readonly Edit[];
}

export interface AppliedPipeline {
  readonly name: string;
  readonly previousNames: readonly string[];
  /** Digest of the files that `triggers.changes` watches; null without such a trigger. */
  readonly watched: string | null;
}

export interface ProjectApply extends Common {
  readonly kind: "project-apply";
  readonly commit: string;
  readonly digest: string;
  readonly pipelines: readonly AppliedPipeline[];
  readonly earlier?: EarlierNames;
  readonly goals: readonly string[];
  /** The project had this name before. */
  readonly renamedFrom: string | null;
}

export interface ProjectStall extends Common {
  readonly kind: "project-stall";
  readonly commit: string;
  readonly reason: string;
}

/** A project that is gone from main: its open work is cancelled, its deliverables stay. */
export interface ResourcePrune extends Common {
  readonly kind: "resource-prune";
}

export interface RequestSettle extends Common {
  readonly kind: "request-settle";
  readonly request: string;
  readonly reason: string;
}

/** The operator knows whether an effect happened that was in doubt. */
export interface EffectAnswer extends Common {
  readonly kind: "effect-answer";
  readonly request: string;
  readonly base: string;
  readonly ordinal: number;
  readonly happened: boolean;
  readonly by: string;
  readonly reason: string;
}

/** Old records leave the tip of the state branch; the history keeps them. */
export interface StateCompact extends Common {
  readonly kind: "state-compact";
  readonly compaction: Compaction;
}

/** All content of a month leaves the payload branch: it is older than what retention keeps. */
export interface PayloadDrop extends Common {
  readonly kind: "payload-drop";
  readonly month: string;
  /** Commit of the branch as it was seen. */
  readonly head: string;
  readonly rule: string;
}

export type Action =
  | EffectAnswer
  | StepStart
  | StepAdopt
  | RunStart
  | GateOpen
  | GateQueue
  | GateSettle
  | GateNote
  | RunFinish
  | WaitEnd
  | Deliver
  | EditAdopt
  | ProjectApply
  | ProjectStall
  | ResourcePrune
  | RequestSettle
  | StateCompact
  | PayloadDrop;

/** An action not taken and why. */
export interface Hold {
  readonly project: string | null;
  /** What is held: `run:<id>`, `step:<run>/<step>`, `gate:<id>`, `pipeline:<name>`, `goal:<name>`, `project`. */
  readonly subject: string;
  readonly reason: HoldReason;
  /** One sentence for the operator. */
  readonly why: string;
  /** What the operator can do; empty when only time helps. */
  readonly unblock: string;
  readonly until: string | null;
}

export interface Plan {
  readonly commit: string;
  readonly tip: string | null;
  readonly actions: readonly Action[];
  readonly holds: readonly Hold[];
  /** Earliest instant at which time alone changes the plan. */
  readonly nextWake: string | null;
  readonly forecast: Forecast;
  /** Facts that must be looked up before the plan is complete. */
  readonly wants: readonly Want[];
  /** Gates that are ready and not shown yet, in the order in which they will be. */
  readonly queue: readonly QueuedProposal[];
}
