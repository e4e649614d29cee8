/** `fettle actions check`: what main would become with what is checked out, by the policy and the budgets of main. */
import { resolve } from "node:path";
import { withRulesOf } from "#runner/core/gate/base-rules.ts";
import { changedForecasts, type ChangedForecast } from "#runner/core/changed-forecast.ts";
import { planExit } from "#runner/core/exit-code.ts";
import { nextRunWarnings } from "#runner/core/next-run.ts";
import { capWarnings } from "#runner/core/money/cap-warning.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { lookThere } from "#runner/loop/look.ts";
import { renderPlan } from "#runner/report/plan-text.ts";
import { summaryText } from "#runner/report/actions-text.ts";
import { changedForecastText } from "#runner/report/check-text.ts";
import { annotationsOf, quiet, writeOutputs, writeSummary } from "./actions.ts";
import { writeCheckReport } from "./check-report.ts";
import { reading, sight, withoutWorkspace } from "./opened.ts";
import { validateVerb } from "./validate.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export interface CheckOptions {
  /** Where the report is written for the comment; null: nowhere. */
  readonly out: string | null;
}

export async function actionsCheckVerb(
  context: VerbContext,
  { out }: CheckOptions,
): Promise<Answer> {
  const annotations = await annotationsOf(context);
  const found = await validateVerb(context, { format: "text", files: [] });
  let changed: readonly ChangedForecast[] = [];
  const planned = await reading(context, async (engine) => {
    const { answer, forecasts } = await proposed(context, engine);
    changed = forecasts;
    return answer;
  });
  const parts = [
    { title: "Files", text: found.text ?? "" },
    { title: "What would be done after the merge", text: planned.text ?? planned.problem ?? "" },
    { title: "What runs would take", text: changedForecastText(changed) },
  ];
  writeSummary(context, summaryText(parts));
  if (out !== null) {
    writeCheckReport(resolve(context.start, out), { isValid: found.exit === "ok", parts });
    writeOutputs(context, { report: "true" });
  }
  const text = parts.map((part) => `${part.title}\n\n${part.text}`).join("\n");
  const isInvalid = found.exit !== "ok";
  return quiet(
    { exit: isInvalid ? found.exit : planned.exit, text, json: planned.json },
    annotations,
  );
}

interface Proposed {
  readonly answer: Answer;
  readonly forecasts: readonly ChangedForecast[];
}

function unplanned(answer: Answer): Proposed {
  return { answer, forecasts: [] };
}

/** Nothing of what is proposed is executed: a plan follows from files. */
async function proposed(context: VerbContext, engine: Engine): Promise<Proposed> {
  const { repository, store, manifests } = engine;
  const base = await sight(context, engine);
  if (!base.ok) return unplanned(base.refusal);
  const { head } = repository;
  const commit = head?.kind === "detached" ? head.oid : base.sight.seen.refs.get(head?.ref ?? "");
  if (commit === undefined)
    return unplanned(refused("usage", "nothing is checked out", "git checkout main"));
  const refs = new Map(base.sight.seen.refs).set(MAIN, commit);
  const there = await lookThere({ repository, store, manifests }, refs, commit);
  if (there.workspace === null) return unplanned(withoutWorkspace(engine, there.violations));
  const workspace = withRulesOf(there.workspace, base.sight.workspace);
  const { plan, observed } = await completePlan(
    store,
    { workspace, observed: there.observed },
    context.look.now,
  );
  const facts = { workspace, observed, now: context.clock() };
  const caps = [...capWarnings(facts), ...nextRunWarnings(facts)];
  const answer = {
    exit: planExit(plan, false),
    text: renderPlan(plan, { ...context.look, color: false }, caps),
    json: { ...plan, caps },
  };
  const { stats } = observed.summaries;
  return { answer, forecasts: changedForecasts(base.sight.workspace, workspace, stats) };
}
