/** What a step's execution is given, and what it gives back. */
import type { GrantPlan, LadderStart } from "#runner/core/action.ts";
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import type { RecordKind } from "#runner/core/memory/memory-file.ts";
import type { ModelCall } from "#runner/core/model-call.ts";
import type { Spend } from "#runner/core/money/spend.ts";
import type { AgentVersion } from "#runner/core/model.ts";
import type { SharedSchemas } from "#runner/schema/shared-schema.ts";
import type { MemoryRecord, ModelSettings, ModelUse, Outcome } from "#runner/schema/types.gen.ts";

/** A file at its path from the top of the repository. */
export interface RepositoryFile {
  readonly path: string;
  readonly content: Uint8Array;
  readonly executable: boolean;
}

/** A memory record as an agent is told of it. */
export interface InjectedMemory {
  readonly id: string;
  readonly kind: RecordKind;
  readonly subject: string;
  readonly attribute?: string;
  readonly text: string;
  readonly trust: NonNullable<MemoryRecord["trust"]>;
  readonly confidence: number;
  /** Instant; null for a record written by hand. */
  readonly recordedAt: string | null;
}

/** Records to be made one, as an agent gives them back. */
export interface ToldCluster {
  readonly supersedes: readonly string[];
  /** How it reads if nobody puts it better. */
  readonly text: string;
}

export interface Invocation {
  readonly run: string;
  readonly step: string;
  readonly item: string | null;
  /** From 1. */
  readonly attempt: number;
  /** Step key, a digest. */
  readonly key: string;
  readonly project: string;
  readonly projectDir: string;
  /** Instant: the only clock that the agent is given; null where its result is for runs of any time. */
  readonly asOf: string | null;
  readonly agent: AgentVersion;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** All that the agent may see, `agents/<name>/**` included. */
  readonly files: readonly RepositoryFile[];
  /** The agent's `writes` with their expressions evaluated. */
  readonly writes: readonly string[];
  /** What the agent's `history` asks for. */
  readonly history?: unknown;
  readonly memory: readonly InjectedMemory[];
  /** Which of these say nearly the same; absent of an agent that does not consolidate. */
  readonly clusters?: readonly ToldCluster[];
  /** Why operators have rejected what this step made before; absent where they have not. */
  readonly feedback?: string;
  /** Values by name: those that the agent declares, and the keys of its models. Programs get only the declared ones. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Shared schemas of the workspace that the agent's own may name. */
  readonly schemas?: SharedSchemas;
  /** What an earlier attempt with the same key has saved. */
  readonly checkpoints?: Checkpoints;
  /** Of the workspace's settings. */
  readonly models: Readonly<Record<string, ModelSettings>>;
  /** Of the step; the agent's `limits.wall` holds too. */
  readonly timeoutMs: number;
  /** Rungs above it are not tried; absent: the top. */
  readonly ladder?: LadderStart;
  /** What it may take of models; absent where it asks none. */
  readonly grant?: GrantPlan;
  /** Main's commit, which holds the prices in force. */
  readonly commit?: string;
  /** Set for an external effect whose intent is published. */
  readonly effectKey?: string;
  /** The intent stood there already: an earlier attempt under this key left no result. */
  readonly resume?: boolean;
  /** Only find out whether the effect happened; do nothing. */
  readonly askOnly?: boolean;
}

export interface Result {
  readonly outcome: Outcome;
  /** One sentence; empty when all went well. */
  readonly reason: string;
  /** Valid against the agent's schema when the outcome is `succeeded` or `noop`, else null. */
  readonly outputs: unknown;
  /** Files that it made or changed; never executable. */
  readonly files: readonly RepositoryFile[];
  /** What it proposes to remember, as it came: admission checks it. */
  readonly memory: readonly unknown[];
  /** One sentence of the agent, at most 500 characters. */
  readonly rationale: string;
  readonly receipt?: Readonly<Record<string, unknown>>;
  /** `command`, `model:<name>` or `template`: the rung that gave the result, else the last one tried. */
  readonly rung: string;
  /** Why rungs above it failed. */
  readonly degraded?: string;
  readonly model?: ModelUse;
  /** What its requests to models took; absent where none was made. */
  readonly spend?: Spend;
  readonly calls?: readonly ModelCall[];
  /** Digest of the prices that they were settled by. */
  readonly prices?: string;
  /** Of a rate limit: the provider's word when to come back. */
  readonly retryAfterMs?: number;
  readonly ms: number;
  /** Of an execution on another machine: when it began and ended there. */
  readonly during?: { readonly startedAt: string; readonly finishedAt: string };
  /** A program ran: an external effect may have happened. */
  readonly started: boolean;
  /** Tail of standard error, redacted, at most 8 KiB. */
  readonly log: string;
}
