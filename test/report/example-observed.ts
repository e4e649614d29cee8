/** What is recorded of the example company. */
import { branchAlone } from "#runner/core/gate/gate-state.ts";
import { blob, commit, gate, openRun, runId } from "./example.ts";
import { NO_FOLDERS } from "#runner/core/compaction.ts";
import type { Observed, ObservedGate } from "#runner/core/model.ts";
import type { GateRecord, LiveProject } from "#runner/schema/types.gen.ts";

export const live: LiveProject = {
  project: "collections",
  goals: {
    "no-silent-overdue": {
      value: 9,
      met: false,
      measuredAt: "2026-11-22T07:55:00.000Z",
      unmetRuns: 0,
      lastRunEndedAt: null,
      history: [
        { at: "2026-11-21T07:55:00.000Z", value: 0 },
        { at: "2026-11-22T07:55:00.000Z", value: 9 },
      ],
    },
  },
  pipelines: {
    "chase-invoices": {
      since: "2026-11-01T00:00:00.000Z",
      lastRun: {
        id: "chase-invoices.a1b2c3d4e5f6",
        result: "degraded",
        endedAt: "2026-11-22T08:12:00.000Z",
      },
    },
  },
  openRuns: [runId],
  openGates: [gate.id],
  pending: [],
  spend: { "2026-11": 421_000 },
};

export function observedGate(changes: Partial<GateRecord> = {}): ObservedGate {
  return { record: { ...gate, ...changes }, facts: branchAlone(commit) };
}

export const observed: Observed = {
  tip: blob,
  summaries: {
    workspace: { appliedCommit: commit, projects: ["collections"], effects: {}, gatesOpened: [] },
    projects: new Map([["collections", live]]),
    inventories: new Map(),
    stats: new Map(),
  },
  runs: new Map([[runId, openRun]]),
  gates: new Map([[gate.id, observedGate()]]),
  requests: [],
  ended: new Map(),
  self: "local",
  runners: [],
  working: new Set(),
  receipts: new Map(),
  handled: new Map(),
  cached: new Map(),
  drifted: new Map(),
  watched: new Map(),
  mainBlobs: new Map(),
  descends: true,
  unreadable: [],
  payload: new Map(),
  payloadNeeds: new Map(),
  folders: NO_FOLDERS,
};

/** Observed state of a workspace that never ran. */
export const nothingObserved: Observed = {
  ...observed,
  tip: null,
  summaries: { ...observed.summaries, projects: new Map() },
  runs: new Map(),
  gates: new Map(),
};
