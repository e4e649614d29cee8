/** `fettle status`: where everything stands. */
import { capWarnings } from "#runner/core/money/cap-warning.ts";
import { answersIn } from "#runner/core/gate/gate-answer.ts";
import { failedRuns } from "#runner/loop/failed-runs.ts";
import { lateApprovals } from "#runner/loop/late-approvals.ts";
import { withdrawnRuns } from "#runner/loop/withdrawn-runs.ts";
import { missedLevels } from "#runner/core/slo-words.ts";
import { renderStatus } from "#runner/report/status-text.ts";
import { renderMinutes } from "#runner/report/minutes-text.ts";
import { gateBranches } from "./gate-branches.ts";
import { looking } from "./looking.ts";
import { minutesOf } from "./minutes.ts";
import { tellUncounted } from "./uncommitted.ts";
import type { Answer, VerbContext } from "./verb.ts";

export function statusVerb(context: VerbContext): Promise<Answer> {
  return looking(context, async (seen, engine) => {
    const { repository } = engine;
    const { workspace, observed, plan } = seen;
    const branches = await gateBranches(repository, observed);
    const late = await lateApprovals(seen);
    const withdrawn = await withdrawnRuns(engine, seen);
    const failed = await failedRuns(seen);
    await tellUncounted(context, repository);
    const facts = { workspace, observed, now: context.clock() };
    const caps = capWarnings(facts);
    const minutes = minutesOf(facts);
    const status = { workspace, observed, plan, branches, late, withdrawn, failed, caps };
    return {
      exit: "ok",
      text: `${renderStatus(status, context.look)}${renderMinutes(minutes, context.look)}`,
      json: {
        gates: [...observed.gates.values()].map(({ record }) => record),
        answered: [...answersIn(plan)].map(([gate, { decision, by }]) => ({ gate, decision, by })),
        late,
        withdrawn,
        failed,
        projects: Object.fromEntries(observed.summaries.projects),
        holds: plan.holds,
        caps,
        minutes: minutes?.standing ?? null,
        missed: missedLevels(workspace, observed),
        nextWake: plan.nextWake,
      },
    };
  });
}
