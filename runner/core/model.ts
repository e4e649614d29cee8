/** Desired and observed state as the loop passes them around. Plain data. */
import type { TakenBack } from "#runner/core/undo/taken-back.ts";
import type { TipFolders } from "./compaction.ts";
import type { ForgeFacts } from "#runner/core/forge/forge-facts.ts";
import type {
  Agent,
  AgentStats,
  AttemptRecord,
  CachedResult,
  CheckpointsRecord,
  ChildEnd,
  ClosedRun,
  GateDecision,
  GateRecord,
  HandledRecord,
  Inventory,
  LiveProject,
  LiveWorkspace,
  Pipeline,
  Project,
  ReceiptRecord,
  RequestRecord,
  RunnerRecord,
  RunRecord,
  WaitRecord,
  Workspace as Settings,
} from "#runner/schema/types.gen.ts";

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
  /** Every pipeline of the project at that commit: those that its steps may call. */
  readonly pipelines: ReadonlyMap<string, Pipeline>;
  /** Oldest first. */
  readonly attempts: readonly AttemptRecord[];
  readonly decisions: readonly GateDecision[];
  /** Waits that are over. */
  readonly waits: readonly WaitRecord[];
  /** What units that are not over have saved. */
  readonly checkpoints: readonly CheckpointsRecord[];
  /** Payload values by digest: outputs and item inputs that expressions may name, and checkpoints. */
  readonly values: ReadonlyMap<string, unknown>;
  /** Set where the commit that it is pinned to is not in this clone: pipeline and agents are not known. */
  readonly missing?: string;
  /** Set when the run tries another one once more. */
  readonly earlier?: Earlier;
  /** Set where main does not hold an approval any more that the run has gone on with. */
  readonly takenBack?: TakenBack;
}

/** What is recorded of the run that another one tries once more. */
export interface Earlier {
  readonly run: string;
  /** First step whose results are not taken over. */
  readonly from: string | null;
  /** What it was made with; null where that is not in this clone. */
  readonly spec: Pick<OpenRun, "pipeline" | "pipelines" | "agents"> | null;
  readonly params: RunRecord["params"];
  /** The later run sees the same files. */
  readonly hasSameBase: boolean;
  readonly attempts: readonly AttemptRecord[];
  /** Runs that it handed something over to. */
  readonly children: readonly ChildEnd[];
  readonly decisions: readonly GateDecision[];
  readonly waits: readonly WaitRecord[];
}

/** A closed run that is to be tried once more. */
export interface EndedRun {
  readonly closed: ClosedRun;
  /** The version that it was pinned to; undefined where that is not in this clone. */
  readonly version: ProjectVersion | undefined;
  /** Payload values that its records cite, by digest. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** What git and the forge show of one open gate; facts only. */
export interface GateFacts {
  /** Commit that the branch points to; null when it is absent. */
  readonly branchHead: string | null;
  /** What the decision record on the branch says, where somebody has committed on top of the proposal. */
  readonly onBranch: GateWord | null;
  /** Set when the decision record stands on main. */
  readonly onMain: {
    readonly commit: string;
    /** E-mail of who brought the record to main: the committer, or who moved main in a local fast-forward; null when neither can be told. */
    readonly approver: string | null;
    /** The record as it stands on main. */
    readonly says: GateWord;
    /** Item file path to what stands there; absent = deleted. */
    readonly items: ReadonlyMap<string, ItemOnMain>;
    /** Deliverable path to blob id; absent = deleted. */
    readonly deliverables: ReadonlyMap<string, string>;
  } | null;
  /** Set when the decision record stood on main and was taken away again; `by` as `approver`. */
  readonly takenBack: { readonly commit: string; readonly by: string | null } | null;
  /** Proposed files that main has changed since the proposal was made. */
  readonly conflicts: readonly string[];
  /** Who has said something on the forge that may be an objection, and is no answer; null: nobody, as far as can be told. */
  readonly remarkedBy: string | null;
  /** null: there is no forge, or it does not answer. Then git's facts alone decide. */
  readonly forge: ForgeFacts | null;
}

export interface ItemOnMain {
  readonly blob: string;
  readonly outputs: unknown;
  /** Why the content is not valid. */
  readonly problem: string | null;
  /** Line and column of the problem, where they are known. */
  readonly at?: string;
}

/** What a decision record says; fields that it lacks are empty. */
export interface GateWord {
  readonly decision: string;
  readonly note: string;
  /** Digest of the plan that proposed it. */
  readonly planDigest: string;
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

/** A result of another run with its outputs. */
export interface Cached {
  readonly record: CachedResult;
  readonly outputs: unknown;
}

/** What main holds of a delivered file that was changed there. */
export interface Drifted {
  /** null: it is gone. */
  readonly blob: string | null;
  /** E-mail of who committed it last; null when that cannot be told. */
  readonly by: string | null;
}

export interface Observed {
  /** Commit of fettle/state; null before the first one. */
  readonly tip: string | null;
  readonly summaries: Summaries;
  readonly runs: ReadonlyMap<string, OpenRun>;
  readonly gates: ReadonlyMap<string, ObservedGate>;
  readonly requests: readonly RequestRecord[];
  /** Closed runs that a request names, by id. */
  readonly ended: ReadonlyMap<string, EndedRun>;
  /** Name of the runner that plans. */
  readonly self: string;
  /** Everybody who has claimed work, this runner too. */
  readonly runners: readonly RunnerRecord[];
  /** Units of work that this runner executes at this moment, see `unitKey`. */
  readonly working: ReadonlySet<string>;
  /** Receipts by base effect key; a key that is missing was not looked up yet (see Plan.wants). */
  readonly receipts: ReadonlyMap<string, ReceiptRecord | null>;
  /** Items that pipeline steps handed over, by the run that handles them; a run that is missing was not looked up yet. */
  readonly handled: ReadonlyMap<string, HandledRecord | null>;
  /** Results that can be taken over, by unit (`unitKey`); null: there is none. A unit that is missing was not looked up yet. */
  readonly cached: ReadonlyMap<string, Cached | null>;
  /** Delivered files that main held otherwise when it was looked at, by path. */
  readonly drifted: ReadonlyMap<string, Drifted>;
  /** By `<project>/<pipeline>`. */
  readonly watched: ReadonlyMap<string, WatchedFiles>;
  /** Blob that main holds at a path; null = absent. A path that is missing was not looked up yet. */
  readonly mainBlobs: ReadonlyMap<string, string | null>;
  /** False when a project is gone and main does not descend from the last applied commit (a rewritten history). */
  readonly descends: boolean;
  /** Files of main that could not be parsed: they never count as deleted. */
  readonly unreadable: readonly string[];
  /** What compaction may fold. */
  readonly folders: TipFolders;
  /** Commit of the payload branch of each month that there is. */
  readonly payload: ReadonlyMap<string, string>;
  /** What still needs content of a month; null: nothing. A month that is missing was not looked up yet. */
  readonly payloadNeeds: ReadonlyMap<string, string | null>;
}
