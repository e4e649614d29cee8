/** Approvals on main of gates that were closed before: found by the names that runs of the last days give to their gates. */
import { gateId } from "#runner/core/identifier.ts";
import {
  lateApproval,
  type ApprovedGate,
  type AskingStep,
  type LateApproval,
} from "#runner/core/gate/late-approval.ts";
import type { Observed, ProjectVersion, Workspace } from "#runner/core/model.ts";
import { isAskStep, isGateStep } from "#runner/core/step-graph.ts";
import { gateFolder } from "#runner/core/state-path.ts";
import { readDecision } from "#runner/schema/gate-file.ts";
import * as records from "#runner/schema/record-validators.gen.js";
import type { Step } from "#runner/schema/types.gen.ts";
import { daysOf } from "./closed-runs.ts";
import { readRecord, type StateFiles } from "./state-files.ts";

interface Seen {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly files: StateFiles;
}

export async function lateApprovals(seen: Seen): Promise<readonly LateApproval[]> {
  const asking = [...seen.workspace.projects.values()].flatMap(gateSteps);
  if (asking.length === 0) return [];
  const runs = await recentRuns(seen.files);
  const found = await Promise.all(asking.map((one) => approvedOf(seen, one, runs)));
  return found
    .flat()
    .flatMap((approved) => lateApproval(approved, seen.observed) ?? [])
    .toSorted((a, b) => (a.gate < b.gate ? -1 : 1));
}

export interface Asking {
  readonly project: string;
  readonly pipeline: string;
  readonly step: AskingStep;
}

export function gateSteps({ name, pipelines }: ProjectVersion): readonly Asking[] {
  return [...pipelines].flatMap(([pipeline, { steps }]) =>
    steps.flatMap(askingStep).map((step) => ({ project: name, pipeline, step })),
  );
}

function askingStep(step: Step): readonly AskingStep[] {
  const { id } = step;
  if (isGateStep(step)) return [{ id, title: step.gate, isQuestion: false }];
  return isAskStep(step) ? [{ id, title: step.ask, isQuestion: true }] : [];
}

/** Paths by run, of those that have ended and stand on the tip. */
export async function recentRuns(files: StateFiles): Promise<ReadonlyMap<string, string>> {
  const days = await daysOf(files);
  const listed = await Promise.all(
    days.map(async (day) =>
      (await files.list(`runs/${day}`)).map(
        ({ name }) => [name.replace(/\.json$/, ""), `runs/${day}/${name}`] as const,
      ),
    ),
  );
  return new Map(listed.flat());
}

async function approvedOf(
  { workspace, files }: Seen,
  { project, pipeline, step }: Asking,
  runs: ReadonlyMap<string, string>,
): Promise<readonly ApprovedGate[]> {
  const folder = gateFolder(project, "");
  const decided = (await files.reader.readTree(`${workspace.commit}:${folder.slice(0, -1)}`)) ?? [];
  const names = new Set(decided.map(({ name }) => name));
  const mine = [...runs].filter(([run]) => run.slice(0, run.lastIndexOf(".")) === pipeline);
  const found = await Promise.all(
    mine.map(async ([run, path]): Promise<readonly ApprovedGate[]> => {
      const gate = gateId(pipeline, run, step.id);
      if (!names.has(gate)) return [];
      const record = `${workspace.commit}:${gateFolder(project, gate)}/decision.md`;
      const text = (await files.reader.readBlob(record))?.toString("utf8") ?? "";
      if (readDecision(text).decision !== "approved") return [];
      const closed = await readRecord(files, path, records.closedRun);
      return closed?.run.project === project ? [{ gate, step, closed }] : [];
    }),
  );
  return found.flat();
}
