/** Verbs that only look: plan, status, runs, timeline, explain, attest. */
import { attest } from "#runner/core/attestation.ts";
import { explain, type Explained } from "#runner/core/explain.ts";
import { planExit } from "#runner/core/exit-code.ts";
import { planDigest } from "#runner/core/plan.ts";
import { historyOfClosed, historyOfOpen, type RunHistory } from "#runner/core/run-history.ts";
import { findNamed } from "#runner/core/suggest.ts";
import { readClosedRuns } from "#runner/loop/closed-runs.ts";
import type { Engine } from "#runner/loop/engine.ts";
import { renderExplained } from "#runner/report/explain-text.ts";
import { renderPlan } from "#runner/report/plan-text.ts";
import { renderRuns, renderTimeline } from "#runner/report/run-text.ts";
import { renderStatus } from "#runner/report/status-text.ts";
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
  return looking(context, ({ workspace, observed, plan }) => ({
    exit: "ok",
    text: renderStatus({ workspace, observed, plan }, context.look),
    json: {
      gates: [...observed.gates.values()].map(({ record }) => record),
      projects: Object.fromEntries(observed.summaries.projects),
      holds: plan.holds,
      nextWake: plan.nextWake,
    },
  }));
}

export function runsVerb(
  context: VerbContext,
  filter: { readonly project: string | null; readonly limit: number },
): Promise<Answer> {
  return looking(context, async (seen) => {
    const all = await histories(seen);
    const { project, limit } = filter;
    const runs = all
      .filter(({ record }) => project === null || record.project === project)
      .slice(0, limit);
    return { exit: "ok", text: renderRuns(runs, context.look), json: runs };
  });
}

export function timelineVerb(context: VerbContext, id: string): Promise<Answer> {
  return looking(context, async (seen) => {
    const found = await findRun(seen, id);
    return found.ok
      ? { exit: "ok", text: renderTimeline(found.run, context.look), json: found.run }
      : found.refusal;
  });
}

export function explainVerb(context: VerbContext, thing: string): Promise<Answer> {
  return looking(context, async (seen) => {
    const { workspace, observed, plan } = seen;
    const closed = await readClosedRuns(seen.files);
    const explained = explain(thing, { workspace, observed, plan, closed });
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
    const found = await findRun(seen, runPart);
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
  answer: (seen: Seen) => Answer | Promise<Answer>,
): Promise<Answer> {
  const work = async (engine: Engine): Promise<Answer> => {
    const sighted = await sight(context, engine);
    return sighted.ok ? answer(sighted.sight) : sighted.refusal;
  };
  return reading(context, work, { allowBare: true });
}

/** Open runs, then closed ones, newest first. */
async function histories({ observed, files }: Seen): Promise<readonly RunHistory[]> {
  const gates = [...observed.gates.values()].map(({ record }) => record);
  const open = [...observed.runs.values()].map((run) => historyOfOpen(run, gates));
  const closed = [...(await readClosedRuns(files)).values()].map(historyOfClosed);
  return [...open, ...closed].toSorted((a, b) =>
    a.record.startedAt < b.record.startedAt ? 1 : -1,
  );
}

type FoundRun =
  | { readonly ok: true; readonly run: RunHistory }
  | { readonly ok: false; readonly refusal: Answer };

/** A run by its id or by the unambiguous start of it. */
async function findRun(seen: Seen, id: string): Promise<FoundRun> {
  const all = (await histories(seen)).map((run) => ({ name: run.record.id, run }));
  const meant = findNamed(id, all, { byStart: true });
  switch (meant.kind) {
    case "found":
      return { ok: true, run: meant.found.run };
    case "ambiguous": {
      const hint = `it may be any of ${meant.names.join(", ")}`;
      return { ok: false, refusal: refused("usage", `${id} is the start of several runs`, hint) };
    }
    case "unknown": {
      const listed = "fettle runs   lists them";
      const hint = meant.closest === null ? listed : `did you mean ${meant.closest}?`;
      return { ok: false, refusal: refused("usage", `there is no run ${id}`, hint) };
    }
  }
}
