/** What the loop passes around: desired state, observed state, plan, transactions. Plain data. */
/* oxlint-disable max-lines -- types alone, read as one page from top to bottom */
import type {
  Agent,
  AgentStats,
  AttemptRecord,
  Citation,
  ClosedRun,
  GateDecision,
  GateRecord,
  Inventory,
  LiveProject,
  LiveWorkspace,
  Pipeline,
  Project,
  ReceiptRecord,
  RequestRecord,
  RunRecord,
  Workspace as Settings,
} from "#runner/schema/types.gen.ts";

// ---- desired state -------------------------------------------------------------------------

export interface AgentVersion {
  readonly name: string;
  /** Tree id of `agents/<name>`. */
  readonly tree: string;
  readonly manifest: Agent;
}

/** A project with its agents at one commit: the unit that is valid or not. */
export interface ProjectVersion {
  readonly name: string;
  /** Commit that it was read from: main's, or the last good one. */
  readonly commit: string;
  /** Digest of the project's tree and the trees of the agents that it uses. */
  readonly digest: string;
  readonly manifest: Project;
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  readonly agents: ReadonlyMap<string, AgentVersion>;
}

/** Desired state at main's commit. */
export interface Workspace {
  readonly commit: string;
  readonly settings: Settings;
  readonly projects: ReadonlyMap<string, ProjectVersion>;
  /** Projects whose newest files are invalid, with the first error; `projects` holds the last good version if there is one. */
  readonly invalid: ReadonlyMap<string, string>;
  /** Projects that were not read because nothing that their plan depends on has changed, with the instant at which they are looked at again. */
  readonly resting?: ReadonlyMap<string, string | null>;
  /** JSON Schemas of `schemas/` by file name, that agents may refer to. */
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

// ---- observed state ------------------------------------------------------------------------

/** Everything on the state branch that is derived from events. */
export interface Summaries {
  readonly workspace: LiveWorkspace;
  readonly projects: ReadonlyMap<string, LiveProject>;
  readonly inventories: ReadonlyMap<string, Inventory>;
  readonly stats: ReadonlyMap<string, AgentStats>;
}

/** An open run with what is recorded of it. */
export interface OpenRun {
  readonly record: RunRecord;
  /** The pipeline and agents at the commit that the run started at. */
  readonly pipeline: Pipeline;
  readonly agents: ReadonlyMap<string, AgentVersion>;
  /** Oldest first. */
  readonly attempts: readonly AttemptRecord[];
  readonly decisions: readonly GateDecision[];
  /** Payload values by digest: outputs and item inputs that expressions may name. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** What the forge shows of one open gate; facts only. */
export interface GateFacts {
  /** Commit that the branch points to; null when it is absent. */
  readonly branchHead: string | null;
  /** Set when the decision record stands on main. */
  readonly onMain: {
    readonly commit: string;
    /** E-mail of who brought the record to main: the committer, or who moved main in a local fast-forward; null when neither can be told. */
    readonly approver: string | null;
    /** `decision:` of the record as it stands on main. */
    readonly decision: string;
    /** Item file path to what stands there; absent = deleted. `problem` says why the content is not valid. */
    readonly items: ReadonlyMap<
      string,
      { readonly blob: string; readonly outputs: unknown; readonly problem: string | null }
    >;
    /** Deliverable path to blob id; absent = deleted. */
    readonly deliverables: ReadonlyMap<string, string>;
  } | null;
}

export interface ObservedGate {
  readonly record: GateRecord;
  readonly facts: GateFacts;
}

/** Watched files of one pipeline (`triggers.changes`) at main's commit. */
export interface WatchedFiles {
  readonly digest: string;
  readonly blobs: ReadonlyMap<string, string>;
}

export interface Observed {
  /** Commit of fettle/state; null before the first one. */
  readonly tip: string | null;
  readonly summaries: Summaries;
  readonly runs: ReadonlyMap<string, OpenRun>;
  readonly gates: ReadonlyMap<string, ObservedGate>;
  readonly requests: readonly RequestRecord[];
  /** Units of work that this runner executes at this moment, see `unitKey`. */
  readonly working: ReadonlySet<string>;
  /** Receipts by base effect key; a key that is missing was not looked up yet (see Plan.wants). */
  readonly receipts: ReadonlyMap<string, ReceiptRecord | null>;
  /** By `<project>/<pipeline>`. */
  readonly watched: ReadonlyMap<string, WatchedFiles>;
  /** Blob that main holds at a path; null = absent. A path that is missing was not looked up yet. */
  readonly mainBlobs: ReadonlyMap<string, string | null>;
  /** False when a project is gone and main does not descend from the last applied commit (a rewritten history). */
  readonly descends: boolean;
  /** Files of main that could not be parsed: they never count as deleted. */
  readonly unreadable: readonly string[];
}

// ---- plan ----------------------------------------------------------------------------------

/** Base effect key and ordinal of an external effect. */
export interface EffectPlan {
  readonly key: string;
  readonly base: string;
  readonly ordinal: number;
  readonly onceKey: string;
}

interface Common {
  readonly project: string;
  /** The facts that caused it, in a sentence. */
  readonly because: string;
}

export interface StepStart extends Common {
  readonly kind: "step-start";
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly attempt: number;
  readonly agent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The item as the list gave it; undefined outside forEach. */
  readonly itemInput?: unknown;
  readonly timeoutMs: number;
  readonly effect: EffectPlan | null;
  /** True when an intent without outcome stands on state already (a crash): execute under the same key. */
  readonly resume: boolean;
  readonly forecast: Forecast;
}

/** A step or item that needs no execution: its result follows from what is recorded. */
export interface StepAdopt extends Common {
  readonly kind: "step-adopt";
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  readonly attempt: number;
  readonly agent: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly itemInput?: unknown;
  readonly outcome: "noop" | "uncertain" | "cancelled";
  readonly reason: string;
  readonly effect: (EffectPlan & { readonly receipt?: Readonly<Record<string, unknown>> }) | null;
}

export interface Forecast {
  readonly micros: number;
  readonly ms: number;
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
  readonly gate: Omit<GateRecord, "head" | "openedAt" | "answerBy" | "items" | "absentSince">;
  readonly items: readonly GateShown[];
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
  readonly request: string | null;
  readonly items: readonly SettledItem[];
  /** Proposed files as they stand on main, path to blob id. */
  readonly files: Readonly<Record<string, string>>;
}

/** Something about an open gate that must be remembered: its branch is missing, or it needs a fix. */
export interface GateNote extends Common {
  readonly kind: "gate-note";
  readonly gate: string;
  readonly absentSince: "now" | null;
  readonly problem: string | null;
}

export interface RunFinish extends Common {
  readonly kind: "run-finish" | "run-cancel";
  readonly run: string;
  readonly result: ClosedRun["result"];
  readonly reason: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly serves: readonly string[];
  /** Set when the run measured a goal. */
  readonly goal: GoalMeasured | null;
}

export interface GoalMeasured {
  readonly name: string;
  readonly value: number | null;
  /** null: unknown. */
  readonly met: boolean | null;
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

export type Action =
  | StepStart
  | StepAdopt
  | RunStart
  | GateOpen
  | GateSettle
  | GateNote
  | RunFinish
  | Deliver
  | ProjectApply
  | ProjectStall
  | ResourcePrune
  | RequestSettle;

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

export type HoldReason =
  | "awaiting-approval"
  | "approval-unproven"
  | "needs-fix"
  | "attention-full"
  | "budget-exceeded"
  | "effect-limit"
  | "retry-wait"
  | "rate-limited"
  | "concurrency"
  | "claimed"
  | "cooldown"
  | "goal-unknown"
  | "goal-stalled"
  | "dependency-not-ready"
  | "expression"
  | "uncertain-effect"
  | "prune-guard"
  | "rewritten-history"
  | "invalid"
  | "suspended"
  | "secret-missing"
  | "payload-missing"
  | "authority-unreachable"
  | "worktree-conflict";

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
}

/** A fact that planning found missing: a record of an external effect, or what main holds at a path. */
export type Want =
  | { readonly kind: "receipt"; readonly base: string }
  | { readonly kind: "main-blob"; readonly path: string };

// ---- transactions --------------------------------------------------------------------------

/** A blob for the payload branch of `month`; `digest` is the SHA-256 of `content`. */
export interface PayloadBlob {
  readonly month: string;
  readonly digest: string;
  readonly content: Uint8Array;
}

/** What happened, with every fact that the summaries are derived from. Stored in the ledger. */
export type LedgerEvent = { readonly at: string; readonly project: string } & (
  | {
      readonly kind: "project-applied";
      readonly commit: string;
      readonly digest: string;
      readonly renamedFrom: string | null;
      readonly pipelines: readonly AppliedPipeline[];
      readonly goals: readonly string[];
    }
  | { readonly kind: "project-stalled"; readonly commit: string; readonly reason: string }
  | { readonly kind: "project-removed" }
  | {
      readonly kind: "run-started";
      readonly run: string;
      readonly pipeline: string;
      readonly trigger: RunRecord["trigger"];
      readonly cursor: Cursor;
    }
  | {
      readonly kind: "effect-intended";
      readonly run: string;
      readonly step: string;
      readonly item: string | null;
      readonly attempt: number;
      readonly agent: string;
      readonly effect: EffectPlan;
    }
  | {
      readonly kind: "step-finished";
      readonly run: string;
      readonly pipeline: string;
      readonly step: string;
      readonly item: string | null;
      readonly attempt: number;
      readonly agent: string;
      readonly version: string;
      readonly outcome: NonNullable<AttemptRecord["outcome"]>;
      readonly reason: string;
      /** Why a lower rung of the ladder was used. */
      readonly degraded?: string;
      readonly costMicros: number;
      readonly ms: number;
      readonly effect: EffectPlan | null;
      /** Files for main; empty when a gate shows them first. */
      readonly pending: LiveProject["pending"];
    }
  | {
      readonly kind: "gate-opened";
      readonly run: string;
      readonly step: string;
      readonly gate: string;
      readonly items: number;
      readonly risk: number;
    }
  | {
      readonly kind: "gate-noted";
      readonly gate: string;
      readonly absent: boolean;
      readonly problem: string | null;
    }
  | {
      readonly kind: "gate-settled";
      readonly run: string;
      readonly step: string;
      readonly gate: string | null;
      readonly decision: GateDecision["decision"];
      readonly by: string;
      readonly via: GateDecision["via"];
      readonly reason: string;
      readonly refused: readonly string[];
      readonly pending: LiveProject["pending"];
      /** Files that the merge brought to main. */
      readonly owned: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "run-finished";
      readonly run: string;
      readonly pipeline: string;
      readonly result: ClosedRun["result"];
      readonly reason: string;
      readonly outputs: Readonly<Record<string, unknown>>;
      /** Goals that the pipeline serves. */
      readonly serves: readonly string[];
      readonly goal: GoalMeasured | null;
    }
  | {
      readonly kind: "files-delivered";
      readonly commit: string;
      readonly owned: Readonly<Record<string, string>>;
      readonly setAside: readonly string[];
      readonly seen: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "request-made";
      readonly request: string;
      readonly by: string;
      readonly asks: string;
    }
  | { readonly kind: "request-settled"; readonly request: string; readonly reason: string }
);

/** One atomic change: an event, the records it writes (null = removed) and the payload they cite. */
export interface Transaction {
  readonly event: LedgerEvent;
  readonly files: ReadonlyMap<string, object | null>;
  readonly payload: readonly PayloadBlob[];
  /** JSON values among the payload, by digest. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly change: ObservedChange;
}

/** What a transaction changes in observed state beyond the summaries. */
export type ObservedChange =
  | { readonly kind: "none" }
  | { readonly kind: "run-opened"; readonly run: OpenRun; readonly request: string | null }
  | {
      readonly kind: "attempt";
      readonly attempt: AttemptRecord;
      readonly receipt: ReceiptRecord | null;
    }
  | { readonly kind: "decision"; readonly decision: GateDecision; readonly request: string | null }
  | { readonly kind: "gate-opened" | "gate-noted"; readonly gate: ObservedGate }
  | { readonly kind: "run-closed"; readonly run: string }
  | { readonly kind: "request"; readonly request: string };
