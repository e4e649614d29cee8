/** An approval that came to main when its gate was closed: it counts for nothing, and whoever gave it must hear of that. */
import { entryOf } from "#runner/core/entry.ts";
import type { Observed, OpenRun } from "#runner/core/model.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";

/** A gate that main holds an approved record of, with the run that asked for it. */
export interface ApprovedGate {
  readonly gate: string;
  readonly step: AskingStep;
  readonly closed: ClosedRun;
}

export interface AskingStep {
  readonly id: string;
  readonly title: string;
  readonly isQuestion: boolean;
}

export interface LateApproval {
  readonly project: string;
  readonly run: string;
  readonly step: string;
  readonly gate: string;
  readonly title: string;
  /** Why it does not count, a sentence without its end. */
  readonly why: string;
  readonly unblock: string;
}

/** null where it counted, or where a newer run has been decided since. */
export function lateApproval(
  { gate, step, closed }: ApprovedGate,
  observed: Observed,
): LateApproval | null {
  const decision = closed.gates.find((made) => made.step === step.id);
  if (decision !== undefined && COUNTED.has(decision.via)) return null;
  if (isDecidedSince(closed, step.id, observed)) return null;
  const { id: run, project } = closed.run;
  const what = step.isQuestion ? "answer" : "approval";
  const why =
    decision === undefined
      ? `its ${what} reached main after the run was over (${closed.result}: ${closed.reason}), so nothing of it is carried out`
      : decision.decision === "not-objected"
        ? `its approval reached main after the gate had gone on by itself (${decision.reason}), so no edit of it is carried out`
        : decision.decision === "defaulted"
          ? `its answer reached main after its time was over, and the default answer counts`
          : `its ${what} reached main after the gate was ${decision.decision} (${decision.reason}), so nothing of it is carried out`;
  const unblock = whatNow(closed, step.id, observed);
  return { project, run, step: step.id, gate, title: step.title, why, unblock };
}

/** Ways of a decision that come from main. */
const COUNTED: ReadonlySet<string> = new Set(["merge", "earlier-run"]);

function isDecidedSince({ run, endedAt }: ClosedRun, step: string, observed: Observed): boolean {
  const { lastRun } =
    entryOf(observed.summaries.projects.get(run.project)?.pipelines, run.pipeline) ?? {};
  if (lastRun !== undefined && lastRun.endedAt > endedAt && lastRun.result !== "cancelled") {
    return true;
  }
  return openRuns(run, observed).some(({ decisions }) =>
    decisions.some((made) => made.step === step && made.at > endedAt),
  );
}

function openRuns({ project, pipeline }: ClosedRun["run"], { runs }: Observed): readonly OpenRun[] {
  return [...runs.values()].filter(
    ({ record }) => record.project === project && record.pipeline === pipeline,
  );
}

function whatNow({ run }: ClosedRun, step: string, observed: Observed): string {
  const open = openRuns(run, observed).map(({ record }) => record.id);
  const again = [...observed.gates.values()].find(
    ({ record }) => record.step === step && open.includes(record.run),
  );
  if (again !== undefined)
    return `fettle approve ${again.record.id}, which the newer run waits for`;
  const [next] = open;
  return next === undefined
    ? `fettle run ${run.project}/${run.pipeline}, which asks again`
    : `${next} asks again when it gets there`;
}
