/** `fettle actions check`: what main would become with what is checked out, by the policy and the budgets of main. */
import { withRulesOf } from "#runner/core/base-rules.ts";
import { planExit } from "#runner/core/exit-code.ts";
import { nextRunWarnings } from "#runner/core/next-run.ts";
import { capWarnings } from "#runner/core/cap-warning.ts";
import { MAIN } from "#runner/core/ref-names.ts";
import { completePlan } from "#runner/loop/complete-plan.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { lookThere } from "#runner/loop/look.ts";
import { renderPlan } from "#runner/report/plan-text.ts";
import { summaryText } from "#runner/report/actions-text.ts";
import { annotationsOf, quiet, writeSummary } from "./actions.ts";
import { reading, sight, withoutWorkspace } from "./opened.ts";
import { validateVerb } from "./validate.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export async function actionsCheckVerb(context: VerbContext): Promise<Answer> {
  const annotations = await annotationsOf(context);
  const found = await validateVerb(context, { format: "text", files: [] });
  const planned = await reading(context, (engine) => proposed(context, engine));
  const parts = [
    { title: "Files", text: found.text ?? "" },
    { title: "What would be done after the merge", text: planned.text ?? planned.problem ?? "" },
  ];
  writeSummary(context, summaryText(parts));
  const text = parts.map((part) => `${part.title}\n\n${part.text}`).join("\n");
  const isInvalid = found.exit !== "ok";
  return quiet(
    { exit: isInvalid ? found.exit : planned.exit, text, json: planned.json },
    annotations,
  );
}

/** Nothing of what is proposed is executed: a plan follows from files. */
async function proposed(context: VerbContext, engine: Engine): Promise<Answer> {
  const { repository, store, manifests } = engine;
  const base = await sight(context, engine);
  if (!base.ok) return base.refusal;
  const { head } = repository;
  const commit = head?.kind === "detached" ? head.oid : base.sight.seen.refs.get(head?.ref ?? "");
  if (commit === undefined) return refused("usage", "nothing is checked out", "git checkout main");
  const refs = new Map(base.sight.seen.refs).set(MAIN, commit);
  const there = await lookThere({ repository, store, manifests }, refs, commit);
  if (there.workspace === null) return withoutWorkspace(engine, there.violations);
  const workspace = withRulesOf(there.workspace, base.sight.workspace);
  const { plan, observed } = await completePlan(
    store,
    { workspace, observed: there.observed },
    context.look.now,
  );
  const facts = { workspace, observed, now: context.clock() };
  const caps = [...capWarnings(facts), ...nextRunWarnings(facts)];
  return {
    exit: planExit(plan, false),
    text: renderPlan(plan, { ...context.look, color: false }, caps),
    json: { ...plan, caps },
  };
}
