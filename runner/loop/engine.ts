/** What the loop acts with; wire.ts builds it. */
import type { Checkpoints } from "#runner/core/checkpoint.ts";
import type { BriefingInput } from "#runner/core/gate/briefing.ts";
import type { DashboardInput, DashboardText } from "#runner/core/dashboard-input.ts";
import type { DecisionInput } from "#runner/core/gate/decision-input.ts";
import type { ProgressEvent } from "#runner/core/progress-event.ts";
import type { Notifier } from "#runner/core/notifier.ts";
import type { Observed, Workspace } from "#runner/core/model.ts";
import type { Refs } from "#runner/repo/refs.ts";
import type { Repository } from "#runner/repo/repository.ts";
import type { Taken } from "#runner/repo/spend-journal.ts";
import type { StateStore } from "#runner/repo/state-store.ts";
import type { LanceLoad } from "#runner/retrieval/lance-library.ts";
import type { Invocation, Result } from "#runner/runtimes/invocation.ts";
import type { OpenDoor } from "#runner/runtimes/model-door.ts";
import type { LaneAnswer, LanePlace } from "#runner/runtimes/lane-answer.ts";
import type { Hands } from "./hands.ts";
import type {
  BriefingProposal,
  ProposalInput,
  ProposalText,
} from "#runner/core/gate/proposal-input.ts";
import type { ForgeDesk } from "./forge-desk.ts";
import type { ManifestReader } from "./manifests.ts";
import type { Cache } from "#runner/repo/cache.ts";

/** Who is told of an attempt while it works. */
export interface Hearing {
  readonly save: (checkpoints: Checkpoints) => void;
  /** What its requests to models have taken and hold, before each of them is sent. */
  readonly hold: (amount: Taken) => void;
}

export interface Engine {
  readonly repository: Repository;
  readonly store: StateStore;
  readonly cache: Cache;
  /** The present instant; later at every call. */
  readonly clock: () => string;
  /** Folder for the folders of attempts; what a killed runner left in it may go. */
  readonly workRoot: string;
  /** How long steps may be silent before it is looked whether a claim must be renewed, else half a minute. */
  readonly heartbeatMs?: number;
  readonly execute: (
    invocation: Invocation,
    signal: AbortSignal,
    hearing: Hearing,
  ) => Promise<Result>;
  /** The way to models, where something else than an agent asks one. */
  readonly openDoor: OpenDoor;
  /** Set where steps are executed on other machines, which have the secrets: what such a machine tells of one, checked. */
  readonly elsewhere?: (invocation: Invocation, place: LanePlace) => Promise<LaneAnswer>;
  /** Who executes the steps of a tick, where it is not this process. */
  readonly hands?: Hands;
  readonly manifests: ManifestReader;
  /** LanceDB loads with the first call. */
  readonly loadLance: () => Promise<LanceLoad>;
  /** Told what happens as it happens. */
  readonly onProgress: (event: ProgressEvent) => void;
  /** The decision record of a gate, as Markdown with front matter. */
  readonly decisionText: (input: DecisionInput) => string;
  /** What the forge shows of open gates. */
  readonly forge: ForgeDesk;
  /** The pull request of a gate. */
  readonly proposalText: (input: ProposalInput) => ProposalText;
  /** The pull request of a briefing. */
  readonly briefingProposal: (input: BriefingProposal) => ProposalText;
  /** The issue that says how everything stands. */
  readonly dashboardText: (input: DashboardInput) => DashboardText;
  /** How people are told of something beyond the terminal. */
  readonly notifier: Notifier;
  /** The index of a briefing, as Markdown. */
  readonly briefingText: (input: BriefingInput) => string;
  /** Values of the environment variables that fettle.yaml names under `secrets`, by secret name. */
  readonly secretValues: (workspace: Workspace) => Readonly<Record<string, string>>;
}

/** Desired and observed state at one moment. */
export interface View {
  readonly refs: Refs;
  readonly workspace: Workspace;
  readonly observed: Observed;
}
