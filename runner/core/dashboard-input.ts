/** What the dashboard on the forge tells: the facts of `fettle status`, and what was done of late. */
import type { Plan } from "./action.ts";
import type { CapStanding } from "#runner/core/money/cap-standing.ts";
import type { CostReport } from "#runner/core/money/cost-report.ts";
import type { FailedRun } from "./failed-run.ts";
import type { LateApproval } from "#runner/core/gate/late-approval.ts";
import type { Observed, Workspace } from "./model.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";

/** Nothing of it depends on the clock within a day, or on the clone that looks: else every tick would change the text. */
export interface DashboardInput {
  readonly workspace: Workspace;
  readonly observed: Observed;
  readonly plan: Pick<Plan, "holds" | "queue">;
  readonly late: readonly LateApproval[];
  readonly failed: readonly FailedRun[];
  readonly caps: readonly CapStanding[];
  /** Since `spent.since`, the day before. */
  readonly spent: CostReport;
  /** Runs that have ended since then. */
  readonly done: readonly Pick<ClosedRun, "run" | "result" | "endedAt" | "gates">[];
  /** Numbers of pull requests by branch, as far as there are any. */
  readonly pulls: ReadonlyMap<string, number>;
}

export interface DashboardText {
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}
