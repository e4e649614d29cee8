/** Where a person says first that something is to be undone. */
import { noveltyOf } from "#runner/core/gate/approval-history.ts";
import { amountAfter } from "#runner/core/gate/gate-amount.ts";
import { riskOf, thresholdsOf } from "#runner/core/gate/risk.ts";
import { stepHold, type RunContext } from "#runner/core/step-plan.ts";
import type { UnitOfWork } from "#runner/core/unit-action.ts";
import type { Hold } from "#runner/core/action.ts";

/** The approval was taken back: whether that is to be undone which was done by then, a person says. */
export function proposedHold(context: RunContext, { step, agent, scope }: UnitOfWork): Hold {
  const { id } = context.run.record;
  return stepHold(context, step.id, {
    reason: "awaiting-approval",
    why: `${String(scope["undoes"])}: its approval was taken back, and ${agent.name} can undo what was done`,
    unblock: `fettle undo ${id} --yes; fettle cancel ${id} --keep   leaves it as it is`,
  });
}

/** From `gateFrom` on a person is asked first. */
export function riskHold(
  context: RunContext,
  { step, agent, item, scope }: UnitOfWork,
): Hold | null {
  const { record } = context.run;
  const { policy } = context.workspace.settings;
  const live = context.observed.summaries.projects.get(record.project);
  const amount = amountAfter(context, { step, agent }, scope);
  const risk = riskOf(
    {
      effects: "external",
      reversibility: "irreversible",
      project: record.project,
      pipeline: record.pipeline,
      agent: agent.name,
      step: step.id,
      items: item === null ? 0 : 1,
      spendMicros: 0,
      ...(amount === undefined ? {} : { amount }),
      paths: [],
      diffFiles: 0,
      diffLines: 0,
      taint: [],
      novelty: noveltyOf([`${agent.name}@${agent.manifest.version}`], live),
      approvals: { approved: 0, rejected: 0 },
      declared: agent.manifest.risk ?? 0,
    },
    policy,
  );
  if (risk.score < thresholdsOf(policy).gateFrom) return null;
  return stepHold(context, step.id, {
    reason: "awaiting-approval",
    why: `${String(scope["undoes"])}: risk ${risk.score}, so a person is asked before ${agent.name} does it`,
    unblock: `fettle undo ${record.id} --yes; fettle cancel ${record.id} --keep   leaves it as it is`,
  });
}
