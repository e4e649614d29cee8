/** What happened: events of the ledger, and the transactions that book them. Plain data. */
import type { DroppedPayload } from "./payload-tombstones.ts";
import type { Claim } from "./lease.ts";
import type { OpenRun, ObservedGate } from "./model.ts";
import type { Compaction } from "./compaction.ts";
import type { EffectPlan, Cursor, GoalMeasured, AppliedPipeline } from "./action.ts";
import type { EffectSums } from "./effect-limit.ts";
import type { Edit } from "./edit.ts";
import type { RequestMade, RequestSettled } from "./request-event.ts";
import type {
  Amount,
  EarlierNames,
  AttemptRecord,
  CheckpointsRecord,
  ChildEnd,
  ClosedRun,
  GateDecision,
  HandledRecord,
  LiveProject,
  PipelineTrigger,
  ReceiptRecord,
  RequestRecord,
  RunnerRecord,
  RunRecord,
  WaitRecord,
} from "#runner/schema/types.gen.ts";

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
      /** Absent where nothing has an earlier name. */
      readonly earlier?: EarlierNames;
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
      /** The run whose item this one takes up again. */
      readonly handles?: string;
    }
  | {
      readonly kind: "effect-intended";
      readonly run: string;
      readonly step: string;
      readonly item: string | null;
      readonly attempt: number;
      readonly agent: string;
      readonly effect: EffectPlan;
      /** What it comes to, by unit, in millionths; absent where no limit sums it. */
      readonly sums?: EffectSums;
      /** Another runner's intent stood there: who takes it over acts under it, and counts no second time. */
      readonly takenOver?: true;
    }
  | {
      /** An attempt may take so much, counted on this calendar day. */
      readonly kind: "spend-granted";
      readonly run: string;
      readonly pipeline: string;
      readonly step: string;
      readonly item: string | null;
      readonly attempt: number;
      readonly agent: string;
      /** Names this grant among all: whoever was given it settles it, and nobody else. */
      readonly grant: string;
      readonly day: string;
      readonly amount: Amount;
    }
  | {
      /** An attempt that left no result here is known to have taken so much of its grant. */
      readonly kind: "spend-settled";
      readonly run: string;
      readonly step: string;
      readonly item: string | null;
      readonly attempt: number;
      readonly grant: string;
      readonly spent: Amount;
      /** The same by `<provider>/<model>`, where it is known. */
      readonly models?: Readonly<Record<string, Amount>>;
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
      /** The grant that it settles; absent without one. */
      readonly grant?: string;
      /** What it took of it. */
      readonly spent?: Amount;
      /** The same by `<provider>/<model>`; absent where no model was asked. */
      readonly models?: Readonly<Record<string, Amount>>;
      readonly ms: number;
      readonly effect: EffectPlan | null;
      /** Nobody knows whether the effect happened, and no further attempt will find out. */
      readonly doubt?: true;
      /** That nobody knows it follows from what was recorded: its runner is silent, or is waited for no longer. */
      readonly givenUp?: true;
      /** Step key under which other runs may take the result over. */
      readonly cache?: string;
      /** Files for main; empty when a gate shows them first. */
      readonly pending: LiveProject["pending"];
    }
  | {
      /** A step at work has saved what its next attempt begins with, should it come to that. */
      readonly kind: "step-checkpointed";
      readonly run: string;
      readonly step: string;
      readonly item: string | null;
      readonly attempt: number;
      /** Digests by name. */
      readonly checkpoints: Readonly<Record<string, string>>;
    }
  | {
      /** A gate is ready; the operator is shown it later. */
      readonly kind: "gate-queued";
      readonly run: string;
      readonly step: string;
      readonly gate: string;
      readonly answerBy: string | null;
    }
  | {
      readonly kind: "gate-opened";
      readonly run: string;
      readonly step: string;
      readonly gate: string;
      readonly items: number;
      readonly risk: number;
      readonly vetoUntil?: string; // Absent where an answer is waited for.
      /** Set where it asks for an answer. */
      readonly question?: true;
      /** Time of the briefing that shows it; absent where it is shown on its own. */
      readonly briefing?: string;
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
      /** Digests of what had been refused before and is approved now; absent without any. */
      readonly pardoned?: readonly string[];
      /** Paths of proposed records that are decided, and wait no more; absent for other gates. */
      readonly decided?: readonly string[];
      /** Where an operator decided: of which pipeline, and whose work it was. */
      readonly review?: { readonly pipeline: string; readonly makers: readonly string[] };
      readonly pending: LiveProject["pending"];
      /** Files that the merge brought to main. */
      readonly owned: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "wait-ended";
      readonly run: string;
      readonly step: string;
      readonly since: string;
      readonly until: string | null;
      readonly outcome: WaitRecord["outcome"];
      readonly reason: string;
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
      readonly ms?: number; // From its start on, where it counts for service levels.
      /** The pipeline step that waited for it. */
      readonly parent?: Omit<PipelineTrigger, "kind">;
      /** The run whose item this one made good. */
      readonly handled?: string;
      /** What its pipeline steps handed to other runs; absent without such steps. */
      readonly children?: readonly ChildEnd[];
      readonly rework?: string; // The request for the run that makes anew what an operator wants changed.
      /** What it tells of itself, for main; absent where it keeps none of that. */
      readonly pending?: LiveProject["pending"];
    }
  | {
      readonly kind: "files-delivered";
      readonly commit: string;
      readonly owned: Readonly<Record<string, string>>;
      readonly setAside: readonly string[];
      readonly seen: Readonly<Record<string, string>>;
    }
  | {
      /** Operators changed delivered files on main: feedback, and what later deliveries build on. */
      readonly kind: "edits-adopted";
      readonly commit: string;
      readonly edits: readonly Edit[];
    }
  | RequestMade
  | RequestSettled
  | {
      /** What is known now of an effect that was in doubt. */
      readonly kind: "effect-answered";
      readonly run: string;
      readonly step: string;
      readonly item: string | null;
      readonly agent: string;
      readonly effect: EffectPlan;
      readonly answer: "happened" | "did-not" | "uncertain";
      readonly by: string;
      readonly reason: string;
      /** The request that asked for it; null when the result itself arrived late. */
      readonly request: string | null;
    }
  | {
      /** The operator took a rewritten main as it is: `to` does not contain `from`, which was applied last. */
      readonly kind: "rewrite-accepted";
      readonly from: string;
      readonly to: string;
      readonly by: string;
      readonly reason: string;
      readonly purged?: readonly string[]; // Blobs that its history does not hold any more.
    }
  | {
      /** What was recorded in the future is taken back to this instant; `day`: of the workspace's calendar. */
      readonly kind: "clock-set-right";
      readonly day: string;
    }
  | ({ readonly kind: "payload-dropped" } & DroppedPayload)
  | ({ readonly kind: "work-claimed" } & Claim)
  | ({
      /** Old records have left the tip; `base`: the commit that held them last. */
      readonly kind: "state-compacted";
      readonly base: string;
    } & Compaction)
);

export type EventOf<Kind extends LedgerEvent["kind"]> = Extract<LedgerEvent, { kind: Kind }>;

/** One atomic change: an event, the records it writes (null = removed) and the payload they cite. */
export interface Transaction {
  readonly event: LedgerEvent;
  readonly files: ReadonlyMap<string, object | null>;
  /** What it writes besides records: lines that compaction has joined, and what it has removed (null). */
  readonly texts: ReadonlyMap<string, string | null>;
  readonly payload: readonly PayloadBlob[];
  /** JSON values among the payload, by digest. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly change: ObservedChange;
}

/** What a transaction changes in observed state beyond the summaries. */
export type ObservedChange =
  | { readonly kind: "none" }
  | {
      readonly kind: "run-opened";
      readonly run: OpenRun;
      readonly request: string | null;
      readonly handled: HandledRecord | null;
    }
  | {
      readonly kind: "attempt";
      readonly attempt: AttemptRecord;
      readonly receipt: ReceiptRecord | null;
    }
  | { readonly kind: "decision"; readonly decision: GateDecision; readonly request: string | null }
  | { readonly kind: "gate-opened" | "gate-noted"; readonly gate: ObservedGate }
  | { readonly kind: "wait"; readonly wait: WaitRecord }
  | { readonly kind: "checkpoints"; readonly record: CheckpointsRecord }
  | { readonly kind: "run-closed"; readonly run: string; readonly handled: HandledRecord | null }
  | { readonly kind: "request"; readonly request: string }
  | { readonly kind: "requested"; readonly record: RequestRecord }
  | { readonly kind: "receipt"; readonly receipt: ReceiptRecord; readonly request: string | null }
  | { readonly kind: "claim"; readonly runner: RunnerRecord }
  | { readonly kind: "compacted" }
  | { readonly kind: "payload-dropped"; readonly month: string; readonly head: string | null };
