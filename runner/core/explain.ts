/** Why something is as it is: one name in, one screen of facts out. */
import { explainGate } from "./explain-gate.ts";
import { explainGoal, explainPipeline } from "./explain-intent.ts";
import { explainRun } from "./explain-run.ts";
import { explainStep } from "./explain-step.ts";
import { historyOfClosed, historyOfOpen, type RunHistory } from "./run-history.ts";
import { findNamed, type Candidate } from "./suggest.ts";
import type { Explanation, Known } from "./explanation.ts";

export type Explained =
  | { readonly kind: "explained"; readonly explanation: Explanation }
  | { readonly kind: "ambiguous"; readonly candidates: readonly string[] }
  | { readonly kind: "unknown"; readonly closest: string | null };

interface Explainable extends Candidate {
  readonly explain: () => Explanation;
}

/**
 * Explains a run (`chase-invoices.k3f9q2m7x0aa`), a step of one (`<run>/draft`), a gate, a pipeline or a goal
 * (by its name, `<project>/<name>`, or `pipeline:<project>/<name>` and `goal:<project>/<name>` when one name means both).
 */
export function explain(thing: string, known: Known): Explained {
  const candidates = [...runs(known), ...gates(known), ...intents(known)];
  const meant = findNamed(thing, candidates);
  switch (meant.kind) {
    case "found":
      return { kind: "explained", explanation: meant.found.explain() };
    case "ambiguous":
      return { kind: "ambiguous", candidates: meant.names };
    case "unknown":
      return meant;
  }
}

function histories(known: Known): RunHistory[] {
  const gateRecords = [...known.observed.gates.values()].map(({ record }) => record);
  const open = [...known.observed.runs.values()].map((run) => historyOfOpen(run, gateRecords));
  const openIds = new Set(open.map(({ record }) => record.id));
  const closed = [...known.closed.values()].filter(({ run }) => !openIds.has(run.id));
  return [...open, ...closed.map(historyOfClosed)];
}

function runs(known: Known): Explainable[] {
  return histories(known).flatMap((run) => {
    const { id } = run.record;
    const steps = new Set([
      ...run.attempts.map(({ step }) => step),
      ...run.decisions.map(({ step }) => step),
      ...run.waiting.map(({ step }) => step),
      ...(known.observed.runs.get(id)?.pipeline.steps.map((step) => step.id) ?? []),
    ]);
    return [
      { name: id, explain: () => explainRun(run, known) },
      ...[...steps].map((step) => {
        const name = `${id}/${step}`;
        return { name, explain: () => explainStep(run, step, known) };
      }),
    ];
  });
}

function gates(known: Known): Explainable[] {
  return histories(known).flatMap((run) => {
    const ids = [
      ...run.waiting.map(({ id }) => id),
      ...run.decisions.flatMap(({ gate }) => (gate === null ? [] : [gate])),
    ];
    return ids.map((id) => ({ name: id, explain: () => explainGate(run, id, known) }));
  });
}

function intents(known: Known): Explainable[] {
  return [...known.workspace.projects.values()].flatMap((project) => [
    ...[...project.pipelines.keys()].map((name) => ({
      name: `pipeline:${project.name}/${name}`,
      also: [name, `${project.name}/${name}`],
      explain: () => explainPipeline(project, name, known),
    })),
    ...Object.entries(project.manifest.goals ?? {}).map(([name, goal]) => ({
      name: `goal:${project.name}/${name}`,
      also: [name, `${project.name}/${name}`],
      explain: () => explainGoal(project, { name, goal }, known),
    })),
  ]);
}
