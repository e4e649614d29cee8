/** Verbs that only look: plan, status, runs, timeline, explain, attest. */
import { attest } from "#runner/core/attestation.ts";
import { explain, type Explained } from "#runner/core/explain.ts";
import { answersIn } from "#runner/core/gate-answer.ts";
import { planExit } from "#runner/core/exit-code.ts";
import { planDigest } from "#runner/core/plan.ts";
import { readFoldedRuns } from "#runner/loop/archive.ts";
import { readAllRuns, readRecentRuns, unfold } from "#runner/loop/closed-runs.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { lateApprovals } from "#runner/loop/late-approvals.ts";
import { latestRuns } from "#runner/loop/run-index.ts";
import { renderExplained } from "#runner/report/explain-text.ts";
import { renderPlan } from "#runner/report/plan-text.ts";
import { renderRuns, renderTimeline } from "#runner/report/run-text.ts";
import { renderStatus } from "#runner/report/status-text.ts";
import type { ClosedRun } from "#runner/schema/types.gen.ts";
import { findRun } from "./find-run.ts";
import { gateBranches } from "./gate-branches.ts";
import { reading, sight, type Seen } from "./opened.ts";
import { refused, type Answer, type VerbContext } from "./verb.ts";

export function planVerb(
  context: VerbContext,
  { detailedExitcode }: { readonly detailedExitcode: boolean },
): Promise<Answer> {
  return looking(context, ({ plan }) => ({
    exit: planExit(plan, detailedExitcode),
    text: renderPlan(plan, context.look),
    json: { ...plan, digest: planDigest(plan) },
  }));
}

export function statusVerb(context: VerbContext): Promise<Answer> {
  return looking(context, async (seen, { repository }) => {
    const { workspace, observed, plan } = seen;
    const branches = await gateBranches(repository, observed);
    const late = await lateApprovals(seen);
    return {
      exit: "ok",
      text: renderStatus({ workspace, observed, plan, branches, late }, context.look),
      json: {
        gates: [...observed.gates.values()].map(({ record }) => record),
        answered: [...answersIn(plan)].map(([gate, { decision, by }]) => ({ gate, decision, by })),
        late,
        projects: Object.fromEntries(observed.summaries.projects),
        holds: plan.holds,
        nextWake: plan.nextWake,
      },
    };
  });
}

export function runsVerb(
  context: VerbContext,
  filter: { readonly project: string | null; readonly limit: number },
): Promise<Answer> {
  return looking(context, async (seen) => {
    const { project, limit } = filter;
    const isMeant = (record: { readonly project: string }): boolean =>
      project === null || record.project === project;
    const runs = await latestRuns(seen, isMeant, limit);
    return { exit: "ok", text: renderRuns(runs, context.look), json: runs };
  });
}

export function timelineVerb(context: VerbContext, id: string): Promise<Answer> {
  return looking(context, async (seen) => {
    const found = await findRun(id, seen);
    return found.ok
      ? {
          exit: "ok",
          text: renderTimeline(found.run, context.look, {
            answers: answersIn(seen.plan),
            holds: seen.plan.holds,
            late: await lateApprovals(seen),
          }),
          json: found.run,
        }
      : found.refusal;
  });
}

export function explainVerb(context: VerbContext, thing: string): Promise<Answer> {
  return looking(context, async (seen, { repository }) => {
    const { workspace, observed, plan } = seen;
    const branches = await gateBranches(repository, observed);
    const known = { workspace, observed, plan, branches };
    const recent = { ...known, closed: await readLatestRuns(seen) };
    const found = explain(thing, recent);
    const explained =
      found.kind === "unknown"
        ? explain(thing, { ...known, closed: await readAllRuns(seen.files) })
        : found;
    const text = renderExplained(thing, explained, context.look);
    return explained.kind === "explained"
      ? { exit: "ok", text, json: explained.explanation }
      : unexplained(explained, text);
  });
}

function unexplained(explained: Unexplained, text: string): Answer {
  const [message = "", ...hints] = text.trimEnd().split("\n");
  const meant = explained.kind === "ambiguous" ? { candidates: explained.candidates } : {};
  const hint = hints.map((line) => line.trim()).join("\n  ");
  return {
    ...refused("usage", message, hint),
    json: { error: { code: "usage", message, hint, ...meant } },
  };
}

type Unexplained = Exclude<Explained, { kind: "explained" }>;

export function attestVerb(context: VerbContext, id: string): Promise<Answer> {
  return looking(context, async (seen) => {
    const [runPart = "", step] = id.split("/");
    const found = await findRun(runPart, seen);
    if (!found.ok) return found.refusal;
    const attempts = found.run.attempts.filter(
      (attempt) => attempt.state === "finished" && (step === undefined || attempt.step === step),
    );
    if (attempts.length === 0) {
      const { id: run } = found.run.record;
      const what = step === undefined ? "no finished step yet" : `no finished step ${step}`;
      return refused("usage", `run ${run} has ${what}`, `fettle timeline ${run}   shows its steps`);
    }
    const statements = attempts.map((attempt) => attest(found.run, attempt));
    const text = statements.map((statement) => `${JSON.stringify(statement)}\n`).join("");
    return { exit: "ok", text, json: statements };
  });
}

function looking(
  context: VerbContext,
  answer: (seen: Seen, engine: Engine) => Answer | Promise<Answer>,
): Promise<Answer> {
  const work = async (engine: Engine): Promise<Answer> => {
    const sighted = await sight(context, engine);
    return sighted.ok ? answer(sighted.sight, engine) : sighted.refusal;
  };
  return reading(context, work, { allowBare: true });
}

/** The closed runs of the last days, and the last one of each pipeline however old it is. */
async function readLatestRuns({ observed, files }: Seen): Promise<ReadonlyMap<string, ClosedRun>> {
  const recent = await readRecentRuns(files);
  const last = [...observed.summaries.projects.values()].flatMap(({ pipelines }) =>
    Object.values(pipelines).flatMap(({ lastRun }) => lastRun?.id ?? []),
  );
  const missing = new Set(last.filter((id) => !recent.has(id) && !observed.runs.has(id)));
  if (missing.size === 0) return recent;
  const folded = (await readFoldedRuns(files)).filter(({ id }) => missing.has(id));
  return new Map([...recent, ...(await unfold(files, folded))]);
}
